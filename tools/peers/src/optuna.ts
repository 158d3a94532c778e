import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { splitMix32 } from '@adstocrat/models';
import { type Point, type SamplerName, samplers, type Seen, type Space } from '@adstocrat/tuning';
import type { PeerCheck } from './peer-check.ts';
import { pythonEnvironment, pythonSources } from './python-environment.ts';

const version = '5.0.0';
const [seeds, trials] = [40, 60] as const;
/** Were both alike, ours would end as low or lower in 12 or fewer of 40 once in a hundred times (binomial: P = 0.0083). */
const fewest = 13;

interface Problem {
  readonly name: string;
  readonly space: Space;
  readonly loss: (point: Point) => number;
}

const share = (point: Point, name: string): number => Number(point[name]);
const decades = (point: Point, name: string): number => Math.log10(share(point, name));

/** Least 0 at `x` = .8, `w` = .2, `rate` = .01 of one branch; the others go no lower than .3 and .6. */
const branches: Problem = {
  name: 'branches',
  space: [
    { name: 'branch', choices: ['good', 'poor', 'worse'] },
    { name: 'rate', scale: 'log', from: 1e-4, to: 1 },
    { name: 'x', scale: 'even', from: 0, to: 1, when: { parameter: 'branch', is: ['good'] } },
    { name: 'w', scale: 'even', from: 0, to: 1 },
  ],
  loss: (point) =>
    ({ good: 2 * (share(point, 'x') - 0.8) ** 2, poor: 0.3, worse: 0.6 })[String(point['branch']) as 'good']! +
    (decades(point, 'rate') + 2) ** 2 / 4 +
    (share(point, 'w') - 0.2) ** 2,
};

/** The best rate falls as units grow: what one parameter should be depends on another. */
const valley: Problem = {
  name: 'a valley across two parameters',
  space: [
    { name: 'rate', scale: 'log', from: 1e-4, to: 1e-1 },
    { name: 'units', scale: 'log', from: 2, to: 64, whole: true },
    { name: 'dropout', scale: 'even', from: 0, to: 0.5 },
    { name: 'l2', scale: 'log', from: 0.5, to: 200 },
  ],
  loss: (point) =>
    (decades(point, 'rate') + 1 + decades(point, 'units')) ** 2 +
    0.3 * (decades(point, 'units') - 1.2) ** 2 +
    (share(point, 'dropout') - 0.3) ** 2 +
    0.1 * (decades(point, 'l2') - 1) ** 2,
};

/** Six numbers of which two count. */
const idle: Problem = {
  name: 'numbers of which most count for nothing',
  space: Array.from({ length: 6 }, (_, index) => ({ name: `n${index}`, scale: 'even', from: -1, to: 1 }) as const),
  loss: (point) => (share(point, 'n1') - 0.4) ** 2 + (share(point, 'n4') + 0.7) ** 2,
};

/** Optuna's TPE on the same functions: ours ends as low. */
export async function* optuna(): AsyncIterable<PeerCheck> {
  const { python } = pythonEnvironment(`optuna-${version}`);
  const child = spawn(python, [join(pythonSources, 'optuna_asks.py')], { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = once(child, 'exit');
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  const theirs = async ({ space, loss }: Problem, seed: number): Promise<number> => {
    child.stdin.write(`${JSON.stringify({ space, seed, trials })}\n`);
    let least = Infinity;
    for (let trial = 0; trial < trials; trial += 1) {
      const { value, done } = await lines.next();
      if (done === true) throw new Error('Optuna ended before its trials did');
      const found = loss(JSON.parse(value) as Point);
      least = Math.min(least, found);
      child.stdin.write(`${found}\n`);
    }
    return least;
  };
  for (const problem of [branches, valley, idle]) {
    const found: { readonly [Name in 'tpe' | 'random' | 'optuna']: number }[] = [];
    for (let seed = 1; seed <= seeds; seed += 1)
      found.push({
        tpe: ours('tpe', problem, seed),
        random: ours('random', problem, seed),
        optuna: await theirs(problem, seed),
      });
    const asLow = found.filter((one) => one.tpe <= one.optuna).length;
    const medians = (['tpe', 'optuna', 'random'] as const).map(
      (name) => `${name} ${median(found.map((one) => one[name])).toExponential(1)}`,
    );
    yield {
      peer: `Optuna ${version}`,
      check: `is no lower than ours on ${problem.name}: ours is as low in ${asLow} of ${seeds} seeds; median least of ${trials} trials: ${medians.join(', ')}`,
      ...(asLow < fewest && { wrong: `fewer than ${fewest}` }),
    };
  }
  child.stdin.end();
  await ended;
}

function ours(sampler: SamplerName, { space, loss }: Problem, seed: number): number {
  const bits = splitMix32(seed);
  const seen: Seen[] = [];
  for (let trial = 0; trial < trials; trial += 1) {
    const point = samplers[sampler](space, seen, () => bits() / 2 ** 32);
    seen.push({ point, rung: 1, loss: loss(point) });
  }
  return Math.min(...seen.map((one) => one.loss));
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return (sorted[Math.floor((sorted.length - 1) / 2)]! + sorted[Math.ceil((sorted.length - 1) / 2)]!) / 2;
}
