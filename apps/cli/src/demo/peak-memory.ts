import { readdirSync, readFileSync } from 'node:fs';
import { proportionalMiB, withDescendants } from './memory.ts';

const everyMs = 2000;

/** Follows the memory of this process and of everything it started. */
export class PeakMemory {
  #timer: NodeJS.Timeout;
  /** Largest sum seen, MiB of proportional set size; 0 where /proc does not tell. */
  peakMiB = 0;

  constructor() {
    this.#look();
    this.#timer = setInterval(() => {
      this.#look();
    }, everyMs);
    this.#timer.unref();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    this.peakMiB = Math.max(this.peakMiB, proportionalMiB(withDescendants([process.pid], parentsOfAll())));
  }
}

function parentsOfAll(): ReadonlyMap<number, number> {
  const parents = new Map<number, number>();
  let names: readonly string[] = [];
  try {
    names = readdirSync('/proc');
  } catch {
    return parents;
  }
  for (const name of names) {
    if (!/^\d+$/.test(name)) continue;
    try {
      // pid (command) state parent …; the command may hold blanks and brackets.
      const [, parent] = readFileSync(`/proc/${name}/stat`, 'utf8')
        .replace(/^.*\) /s, '')
        .split(' ');
      parents.set(Number(name), Number(parent));
    } catch {
      // It ended meanwhile.
    }
  }
  return parents;
}
