import { spawn } from 'node:child_process';
import { resolve } from 'node:path';

const root = resolve(import.meta.dirname, '../../..');

export interface Measured {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly wallS: number;
  /** User plus system time of the process and everything it started and waited for. */
  readonly cpuS: number;
}

/**
 * Runs the `adstocrat` command and accounts for every process under it.
 * `onStderr` is told what it says, as it says it. The shell's `times` reports what its children used, their reaped children included.
 */
export function measureCommand(args: readonly string[], onStderr?: (text: string) => void): Promise<Measured> {
  const startedAt = performance.now();
  const child = spawn(
    'bash',
    [
      '-c',
      '"$@"; code=$?; times >&3; exit $code',
      'measure',
      process.execPath,
      resolve(root, 'apps/cli/bin/adstocrat.mjs'),
      ...args,
    ],
    { stdio: ['ignore', 'pipe', 'pipe', 'pipe'] },
  );
  const [, out, err, times] = child.stdio;
  const texts = { stdout: '', stderr: '', times: '' };
  out?.on('data', (chunk) => (texts.stdout += String(chunk)));
  err?.on('data', (chunk) => {
    texts.stderr += String(chunk);
    onStderr?.(String(chunk));
    process.stderr.write(chunk as Buffer);
  });
  times?.on('data', (chunk: unknown) => (texts.times += String(chunk)));
  return new Promise((resolveMeasured) => {
    child.on('close', (code) => {
      resolveMeasured({
        code: code ?? 1,
        stdout: texts.stdout,
        stderr: texts.stderr,
        wallS: (performance.now() - startedAt) / 1000,
        cpuS: cpuSeconds(texts.times),
      });
    });
  });
}

/** `times` prints the shell's own line, then its children's: `0m1.234s 0m0.567s`. */
function cpuSeconds(times: string): number {
  const children = times.trim().split('\n')[1] ?? '';
  return [...children.matchAll(/(\d+)m([\d.]+)s/g)].reduce(
    (sum, [, minutes, seconds]) => sum + Number(minutes) * 60 + Number(seconds),
    0,
  );
}
