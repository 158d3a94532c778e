import { readFileSync } from 'node:fs';
import { relative, resolve } from 'node:path';
import { createVitest, type TestSpecification, type Vitest } from 'vitest/node';

const root = resolve(import.meta.dirname, '../../../..');

/** The characters from `start` to `end` of a file are `to`. */
export interface Change {
  /** A path of the disk, which is left as it is. */
  readonly file: string;
  readonly start: number;
  readonly end: number;
  readonly to: string;
}

/**
 * `libs/transforms` with one change at a time, or none, and its specs. What vite made of the files is kept from change to change, but for
 * the file that is changed; a spec runs in a thread of its own, so what a module held is never seen again.
 */
export class ChangedLibrary {
  readonly #vitest: Vitest;
  readonly #specifications: ReadonlyMap<string, TestSpecification>;
  readonly #changed: { now: Change | undefined };

  private constructor(
    vitest: Vitest,
    specifications: ReadonlyMap<string, TestSpecification>,
    changed: { now: Change | undefined },
  ) {
    this.#vitest = vitest;
    this.#specifications = specifications;
    this.#changed = changed;
  }

  static async open(): Promise<ChangedLibrary> {
    const changed: { now: Change | undefined } = { now: undefined };
    const plugin = {
      name: 'change',
      enforce: 'pre' as const,
      load: (id: string): string | null => {
        const { now } = changed;
        if (now === undefined || id.split('?')[0] !== now.file) return null;
        const text = readFileSync(now.file, 'utf8');
        return text.slice(0, now.start) + now.to + text.slice(now.end);
      },
    };
    const vitest = await createVitest(
      'test',
      {
        root,
        watch: false,
        reporters: [{}],
        // No server is needed.
        globalSetup: [],
        // They end with the process, also in an endless loop.
        pool: 'threads',
        isolate: true,
        maxWorkers: 1,
        bail: 1,
        testTimeout: 30_000,
        hookTimeout: 30_000,
        // What vitest keeps of a module on disk knows of no change.
        fsModuleCache: false,
      },
      { plugins: [plugin] },
    );
    const found = await vitest.globTestSpecifications(['libs/transforms']);
    const byPath = new Map(found.map((one) => [relative(root, one.moduleId), one]));
    return new ChangedLibrary(vitest, byPath, changed);
  }

  /** Paths below the root. */
  get specs(): readonly string[] {
    return [...this.#specifications.keys()];
  }

  /** Whether a spec passes on the library with this change, or on the library as it is. Throws where vitest gives no answer. */
  async passes(spec: string, change: Change | undefined): Promise<boolean> {
    const specification = this.#specifications.get(spec);
    if (specification === undefined) throw new RangeError(`no spec of libs/transforms: ${spec}`);
    this.#make(change);
    // Tests that failed in a run before count for `bail`, and would end this one before it begins.
    this.#vitest.state.idMap.clear();
    this.#vitest.state.filesMap.clear();
    const { testModules, unhandledErrors } = await this.#vitest.runTestSpecifications([specification]);
    const state = testModules.find(({ moduleId }) => moduleId === specification.moduleId)?.state();
    if (state === 'failed' || unhandledErrors.length > 0) return false;
    if (state === 'passed') return true;
    throw new Error(`${spec} was not run: ${state}`);
  }

  async close(): Promise<void> {
    await this.#vitest.close();
  }

  #make(change: Change | undefined): void {
    const before = this.#changed.now;
    if (JSON.stringify(before) === JSON.stringify(change)) return;
    this.#changed.now = change;
    for (const one of [before, change]) if (one !== undefined) this.#vitest.invalidateFile(one.file);
  }
}
