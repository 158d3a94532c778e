import { spawn } from 'node:child_process';
import { root } from './root.ts';

export interface CommandResult {
  readonly code: number;
  readonly output: string;
}

/** Runs a program from node_modules/.bin (or the path) in the root, or in `cwd`, and gathers what it prints. */
export function command(
  program: string,
  args: readonly string[],
  options: { readonly cwd?: string; readonly inherit?: boolean; readonly env?: Readonly<Record<string, string>> } = {},
): Promise<CommandResult> {
  return new Promise((resolvePromise, reject) => {
    const child = spawn(program, args, {
      cwd: options.cwd ?? root,
      env: { ...process.env, NX_DAEMON: 'false', NX_TUI: 'false', ...options.env },
      stdio: ['ignore', options.inherit === true ? 'inherit' : 'pipe', options.inherit === true ? 'inherit' : 'pipe'],
    });
    let output = '';
    child.stdout?.on('data', (chunk) => (output += String(chunk)));
    child.stderr?.on('data', (chunk) => (output += String(chunk)));
    child.on('error', reject);
    child.on('close', (code) => resolvePromise({ code: code ?? 1, output }));
  });
}
