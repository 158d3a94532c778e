import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Random } from '@adstocrat/adworld';
import { type CampaignReport, exactly } from '../campaign-report.ts';
import { accepted } from './accepted.ts';
import { type Mutation, mutantsOf } from './mutants-of.ts';

const root = resolve(import.meta.dirname, '../../../..');
const library = join(root, 'libs/transforms/src/lib');
/** What computes. The rest plans, declares or lists. */
const folders = ['exact', 'families', 'operations', 'aggregates'];
const alone = ['civil-date.ts', 'parse-time.ts', 'hash-32.ts', 'prepare-image.ts', 'folds.ts'];
/** A change that makes a loop endless is noticed by its time. */
const maxMs = 300_000;

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
    .flatMap((path) => mutantsOf(path, readFileSync(join(library, path), 'utf8')).map((one) => ({ ...one, path })));
  const mutants = changes === undefined ? all : drawn(all, changes, new Random(seed, 'mutations'));
  if (mutants.length === 0) throw new RangeError(`--only ${only} names no file of ${library}`);
  if (await noticed(undefined)) throw new Error('the specs of libs/transforms fail as they stand');
  const survivors: Mutant[] = [];
  let done = 0;
  const waiting = mutants.values();
  const work = async (): Promise<void> => {
    for (const mutant of waiting) {
      if (!(await noticed(mutant))) {
        survivors.push(mutant);
        say(`not noticed: ${mutant.path}:${mutant.what}`);
      }
      done += 1;
      if (done % 50 === 0) say(`${done} of ${mutants.length} changes, ${survivors.length} not noticed`);
    }
  };
  await Promise.all(Array.from({ length: workers }, work));
  const equal = survivors.filter(({ path, what }) =>
    accepted.some((one) => one.path === path && what.endsWith(one.what)),
  );
  return {
    bench: 'mutations',
    figures: { changes: mutants.length, noticed: mutants.length - survivors.length, changeNothing: equal.length },
    peers: {},
    bars: [exactly('changes that no spec notices', survivors.length - equal.length, 0)],
  };
}

function drawn<T>(all: readonly T[], count: number, random: Random): readonly T[] {
  const left = [...all];
  return Array.from({ length: Math.min(count, left.length) }, () => left.splice(random.below(left.length), 1)).flat();
}

function sources(): readonly string[] {
  const inFolders = folders.flatMap((folder) => readdirSync(join(library, folder)).map((name) => join(folder, name)));
  return [...inFolders, ...alone].filter((path) => !path.endsWith('.spec.ts') && !path.endsWith('index.ts')).sort();
}

/** Whether the library's specs fail. */
async function noticed(mutant: Mutant | undefined): Promise<boolean> {
  const config = join(import.meta.dirname, 'vitest.mutant.config.mjs');
  const child = spawn(
    process.execPath,
    [
      join(root, 'node_modules/vitest/vitest.mjs'),
      'run',
      '--config',
      config,
      '--root',
      root,
      '--bail=1',
      'libs/transforms',
    ],
    {
      cwd: root,
      stdio: 'ignore',
      timeout: maxMs,
      killSignal: 'SIGKILL',
      env: {
        ...process.env,
        MUTANT: JSON.stringify(mutant === undefined ? null : { ...mutant, file: join(library, mutant.path) }),
      },
    },
  );
  const [code] = (await once(child, 'exit')) as [number | null];
  return code !== 0;
}
