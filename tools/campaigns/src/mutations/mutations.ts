import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Random } from '@adstocrat/adworld';
import { type CampaignReport, exactly } from '../campaign-report.ts';
import { type Accepted, accepted } from './accepted.ts';
import { LibraryProcess } from './library-process.ts';
import { type Mutation, mutantsOf } from './mutants-of.ts';
import { SpecOrder } from './spec-order.ts';

const root = resolve(import.meta.dirname, '../../../..');
const folder = join(root, 'libs/transforms/src/lib');
/** What computes. The rest plans, declares or lists. */
const folders = ['exact', 'families', 'operations', 'aggregates'];
const alone = ['civil-date.ts', 'plain-time.ts', 'parse-time.ts', 'hash-32.ts', 'prepare-image.ts', 'folds.ts'];
/** A change that makes a loop endless is noticed by its time. */
const endlessMs = 60_000;

export interface MutationOptions {
  /** Words of paths of files; all where it is absent. */
  readonly only?: string | undefined;
  /** So many of them, by lot; all where it is absent. */
  readonly changes?: number | undefined;
  readonly seed: number;
  /** Processes at a time. */
  readonly workers?: number;
  readonly say: (sentence: string) => void;
}

interface Mutant extends Mutation {
  /** Below the library. */
  readonly path: string;
}

/** Every constant and rounding of the transforms is changed, one at a time, and the library's specs must notice. */
export async function mutations({ only, changes, seed, workers = 2, say }: MutationOptions): Promise<CampaignReport> {
  const all = sources()
    .filter((path) => only === undefined || path.includes(only))
    .flatMap((path) => mutantsOf(path, readFileSync(join(folder, path), 'utf8')).map((one) => ({ ...one, path })));
  const mutants = changes === undefined ? all : drawn(all, changes, new Random(seed, 'mutations'));
  if (mutants.length === 0) throw new RangeError(`--only ${only} names no file of ${folder}`);
  const libraries = Array.from({ length: workers }, () => new LibraryProcess());
  const survivors: Mutant[] = [];
  try {
    const order = new SpecOrder(await passing(libraries[0]!));
    let done = 0;
    const waiting = mutants.values();
    const work = async (library: LibraryProcess): Promise<void> => {
      for (const mutant of waiting) {
        if (!(await noticed(mutant, library, order))) {
          survivors.push(mutant);
          say(`not noticed: ${mutant.path}:${mutant.what}`);
        }
        done += 1;
        if (done % 50 === 0) say(`${done} of ${mutants.length} changes, ${survivors.length} not noticed`);
      }
    };
    await Promise.all(libraries.map(work));
  } finally {
    for (const library of libraries) library.close();
  }
  const equal = survivors.filter((mutant) => accepted.some((one) => isThis(one, mutant)));
  return {
    bench: 'mutations',
    figures: { changes: mutants.length, noticed: mutants.length - survivors.length, changeNothing: equal.length },
    peers: {},
    bars: [exactly('changes that no spec notices', survivors.length - equal.length, 0)],
  };
}

function isThis(one: Accepted, { path, what, line }: Mutant): boolean {
  return one.path === path && what.endsWith(`: ${one.what}`) && line.includes(one.in ?? '');
}

function drawn<T>(all: readonly T[], count: number, random: Random): readonly T[] {
  const left = [...all];
  return Array.from({ length: Math.min(count, left.length) }, () => left.splice(random.below(left.length), 1)).flat();
}

function sources(): readonly string[] {
  const inFolders = folders.flatMap((name) => readdirSync(join(folder, name)).map((file) => join(name, file)));
  return [...inFolders, ...alone].filter((path) => !path.endsWith('.spec.ts') && !path.endsWith('index.ts')).sort();
}

/** How long each spec takes on the library as it is. */
async function passing(library: LibraryProcess): Promise<ReadonlyMap<string, number>> {
  const ms = new Map<string, number>();
  for (const spec of await library.specs()) {
    const started = performance.now();
    const outcome = await library.run(spec, undefined, endlessMs);
    if (outcome !== 'passed') throw new Error(`${spec} ${outcome} as libs/transforms stands`);
    ms.set(spec, performance.now() - started);
  }
  return ms;
}

/** Whether one of the library's specs fails. */
async function noticed(mutant: Mutant, library: LibraryProcess, order: SpecOrder): Promise<boolean> {
  const { start, end, to, path } = mutant;
  for (const spec of order.of(path)) {
    const outcome = await library.run(spec, { file: join(folder, path), start, end, to }, endlessMs);
    order.learn(path, spec, outcome !== 'passed');
    if (outcome !== 'passed') return true;
  }
  return false;
}
