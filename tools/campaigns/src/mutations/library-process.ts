import { type ChildProcess, fork } from 'node:child_process';
import { join } from 'node:path';
import type { Change } from './changed-library.ts';
import type { Question, Saying } from './serve-library.ts';

/** How a spec went: it passed, it failed, or it took the process with it: beyond the limit, or by its death. */
export type Outcome = 'passed' | 'failed' | 'out of time' | 'ended';

/** A process that holds a {@link ChangedLibrary}. Where a change kills it, or makes a loop endless, the next question starts another. */
export class LibraryProcess {
  #child: ChildProcess | undefined;
  #specs: readonly string[] = [];

  /** The library's specs, by their paths below the root. */
  async specs(): Promise<readonly string[]> {
    await this.#started();
    return this.#specs;
  }

  /** Runs one spec on the library with a change, or as it is. */
  async run(spec: string, change: Change | undefined, limitMs: number): Promise<Outcome> {
    const child = await this.#started();
    const question: Question = { spec, change };
    child.send(question);
    const said = await heard(child, limitMs);
    if (said === 'out of time' || said === 'ended') {
      this.close();
      return said;
    }
    if ('passes' in said) return said.passes ? 'passed' : 'failed';
    throw new Error('fault' in said ? said.fault : 'not an answer');
  }

  close(): void {
    this.#child?.kill('SIGKILL');
    this.#child = undefined;
  }

  async #started(): Promise<ChildProcess> {
    if (this.#child !== undefined) return this.#child;
    const child = fork(join(import.meta.dirname, 'serve-library.ts'), {
      execArgv: ['--conditions=@adstocrat/source', '--disable-warning=ExperimentalWarning'],
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      serialization: 'advanced',
    });
    const said = await heard(child, 120_000);
    if (typeof said === 'string' || !('specs' in said)) {
      child.kill('SIGKILL');
      throw new Error('starting vitest for libs/transforms');
    }
    this.#specs = said.specs;
    this.#child = child;
    return child;
  }
}

/** The next that a process says, or why it says nothing. */
function heard(child: ChildProcess, limitMs: number): Promise<Saying | 'out of time' | 'ended'> {
  return new Promise((resolve) => {
    const done = (said: Saying | 'out of time' | 'ended'): void => {
      clearTimeout(timer);
      child.off('message', done);
      child.off('exit', ended);
      resolve(said);
    };
    const ended = (): void => {
      done('ended');
    };
    const timer = setTimeout(() => {
      done('out of time');
    }, limitMs);
    child.once('message', done);
    child.once('exit', ended);
  });
}
