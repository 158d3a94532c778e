import { spawn, spawnSync } from 'node:child_process';
import { root, SetupError } from './step.mjs';

/** Whether a program can be started. @param {string} program @param {string[]} [args] */
export function has(program, args = ['--version']) {
  const result = spawnSync(program, args, { stdio: 'ignore' });
  return result.error === undefined && result.status === 0;
}

/**
 * Runs a command, hands its lines on, and throws with the last of them where it fails.
 * @param {string} program
 * @param {string[]} args
 * @param {{cwd?: string, env?: Record<string, string>, onLine?: (line: string) => void, onFail?: string}} [options]
 * @returns {Promise<string>} everything it printed
 */
export function run(program, args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd: options.cwd ?? root,
      env: { ...process.env, ...options.env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    const take = (/** @type {Buffer} */ chunk) => {
      output += chunk;
      for (const line of String(chunk).split(/[\r\n]+/)) if (line.trim() !== '') options.onLine?.(line);
    };
    child.stdout.on('data', take);
    child.stderr.on('data', take);
    child.on('error', (error) => reject(new SetupError(`${program} could not be started: ${error.message}`)));
    child.on('close', (code) => {
      if (code === 0) return resolve(output);
      const tail = output.trimEnd().split('\n').slice(-15).join('\n');
      reject(
        new SetupError(
          `${program} ${args.join(' ')} ended with ${code}:\n${tail}${options.onFail === undefined ? '' : `\n${options.onFail}`}`,
        ),
      );
    });
  });
}
