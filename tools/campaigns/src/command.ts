import { type ChildProcess, spawn } from 'node:child_process';
import { resolve } from 'node:path';

const root = resolve(import.meta.dirname, '../../..');

export interface CommandOptions {
  readonly environment?: Readonly<Record<string, string>>;
  /** Called with each line of stderr, for what must happen while the command runs. */
  readonly onLine?: (line: string) => void;
}

export interface CommandResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A running `adstocrat` command. */
export interface RunningCommand {
  readonly process: ChildProcess;
  readonly ended: Promise<CommandResult>;
}

/** Starts the `adstocrat` command as a person would. */
export function startCommand(args: readonly string[], options: CommandOptions = {}): RunningCommand {
  const environment: NodeJS.ProcessEnv = { ...process.env, ...options.environment };
  // The specs' own server is not the command's: it brings its own, as on a person's machine.
  delete environment['TEST_POSTGRES_URL'];
  delete environment['NODE_OPTIONS'];
  const child = spawn(
    process.execPath,
    [
      '--conditions=@adstocrat/source',
      '--disable-warning=ExperimentalWarning',
      resolve(root, 'apps/cli/src/main.ts'),
      ...args,
    ],
    { stdio: ['ignore', 'pipe', 'pipe'], env: environment, cwd: root },
  );
  const ended = new Promise<CommandResult>((done, failed) => {
    let [stdout, stderr, line] = ['', '', ''];
    child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => {
      stderr += chunk.toString();
      const lines = (line + chunk.toString()).split('\n');
      line = lines.pop() ?? '';
      for (const one of lines) options.onLine?.(one);
    });
    child.once('error', failed);
    child.once('close', (code) => {
      done({ code, stdout, stderr });
    });
  });
  return { process: child, ended };
}

/** Runs a command to its end. */
export function runCommand(args: readonly string[], options: CommandOptions = {}): Promise<CommandResult> {
  return startCommand(args, options).ended;
}

/** The last line of stdout as JSON; throws with the command's own words where it failed. */
export function jsonOf<T>(result: CommandResult): T {
  if (result.code !== 0) throw new Error(`ended with ${String(result.code)}:\n${result.stderr}`);
  return JSON.parse(result.stdout.trim().split('\n').at(-1) ?? '') as T;
}
