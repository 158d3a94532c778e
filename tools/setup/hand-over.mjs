import { spawn } from 'node:child_process';
import { delimiter, join } from 'node:path';
import { root } from './step.mjs';
import { pinnedNode } from './steps/dependencies.mjs';

/**
 * Runs a TypeScript entry with the pinned Node.js in this process's place: same terminal, same signals, same exit code.
 * @param {string} entry path from the root
 * @param {string[]} args
 */
export async function handOver(entry, args) {
  const child = spawn(
    pinnedNode,
    ['--conditions=@adstocrat/source', '--disable-warning=ExperimentalWarning', join(root, entry), ...args],
    {
      // The channel carries nothing: its end tells the child that this process is gone.
      stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
      env: { ...process.env, PATH: `${join(root, 'node_modules/.bin')}${delimiter}${process.env['PATH'] ?? ''}` },
    },
  );
  // Ctrl-C reaches the child from the terminal itself; a signal sent to this process alone is handed on.
  const forward = (/** @type {NodeJS.Signals} */ signal) => void child.kill(signal);
  process.on('SIGTERM', forward);
  process.on('SIGHUP', forward);
  process.on('SIGINT', () => {});
  process.exitCode = await new Promise((resolve) => {
    child.on('exit', (code, signal) => resolve(code ?? (signal === 'SIGINT' ? 130 : 1)));
  });
}
