import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

/** Logs 50 lines of 100 kB over a second, writes to stdout and stderr itself, and then says over IPC that it lives. */
const script = `
  const { createLogger } = await import(${JSON.stringify(join(import.meta.dirname, 'logger.ts'))});
  const logger = createLogger({ service: 'spec' });
  for (let line = 0; line < 50; line += 1) {
    logger.warn({ words: 'x'.repeat(100_000) }, 'said');
    if (line % 10 === 0) { console.log('plain'); console.error('plain'); process.emitWarning('warned'); }
    await new Promise((go) => setTimeout(go, 10));
  }
  process.send({ heldMiB: process.memoryUsage().heapUsed / 2 ** 20 });
  process.disconnect();
`;

async function running(stdout: number | 'pipe'): Promise<{ readonly code: unknown; readonly heldMiB: number }> {
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', stdout, stdout, 'ipc'],
  });
  // Nobody reads: the other end is closed.
  child.stdout?.destroy();
  child.stderr?.destroy();
  const said = once(child, 'message') as Promise<[{ readonly heldMiB: number }]>;
  const [[{ heldMiB }], [code]] = await Promise.all([said, once(child, 'exit')]);
  return { code, heldMiB };
}

describe('createLogger', () => {
  it.each([
    ['a full disk', (): number => openSync('/dev/full', 'w')],
    ['nobody reading', (): 'pipe' => 'pipe'],
  ])('logs to %s without ending or growing', async (_, stdout) => {
    const { code, heldMiB } = await running(stdout());
    expect(code).toBe(0);
    expect(heldMiB).toBeLessThan(60);
  });

  it.each([
    [
      'its text once, however often its causes say it',
      "new Error('no start: port taken', { cause: new Error('port taken') })",
      'no start: port taken',
    ],
    [
      'what a cause adds',
      "new Error('no answer', { cause: new Error('reset', { cause: new Error('away') }) })",
      'no answer: reset: away',
    ],
    [
      'causes in a circle once',
      "Object.assign(inner, { cause: new Error('outer', { cause: inner }) })",
      'inner: outer',
    ],
  ])('tells of an error %s', (_, error, message) => {
    const logged = `
      const { createLogger } = await import(${JSON.stringify(join(import.meta.dirname, 'logger.ts'))});
      const inner = new Error('inner');
      createLogger({ service: 'spec' }).error({ err: ${error} }, 'failed');
    `;
    const line = execFileSync(process.execPath, ['--input-type=module', '-e', logged], { encoding: 'utf8' });
    expect(JSON.parse(line)).toMatchObject({ err: { message } });
  });

  it('writes every line where it can', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'logger-'));
    try {
      await running(openSync(join(folder, 'log'), 'w'));
      const lines = readFileSync(join(folder, 'log'), 'utf8').split('\n');
      expect(lines.filter((line) => line.startsWith('{"level":40'))).toHaveLength(50);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
