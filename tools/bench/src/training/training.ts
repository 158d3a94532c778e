import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { environmentOf } from '@adstocrat/python-environments';
import { atMost, type Bar, type BenchReport, median } from '../bench-report.ts';
import { startTrainer, type TrainedSlice, type TrainerProcess, type TrainerProgram } from './trainer-process.ts';
import { writeTask } from './training-task.ts';

const requirements = resolve(import.meta.dirname, '../../python/training-peers.txt');
const network = { rows: 4096, fields: 20, units: 16, crossLayers: 2, hidden: [400, 400, 400], learningRate: 1e-3 };
const threads = 2;

interface Peer {
  readonly name: string;
  /** CPU of ours to the peer's, at most. */
  readonly cpu: (idsAField: number) => number;
  /** How far apart the log-losses may end: one that does less work than ours would not learn alike. */
  readonly apart: number;
}

const peers: readonly Peer[] = [
  // It moves all rows of a table in each step.
  { name: 'keras', cpu: (idsAField) => (idsAField > 10_000 ? 0.65 : 1.1), apart: 0.02 },
  { name: 'tf-function', cpu: () => 1.3, apart: 0.001 },
  { name: 'deepctr-torch', cpu: () => 1 / 3, apart: 0.02 },
];

interface Size {
  readonly rounds: number;
  readonly steps: number;
  readonly warm: number;
}

/** Slices by trainer, in the order of the rounds. */
type Slices = ReadonlyMap<string, readonly TrainedSlice[]>;

/**
 * CPU an example of training DCN-v2 beside Keras 3, a tf.function by hand and deepctr-torch: the same weights at the start, the same batches in
 * the same order, two threads each, in slices by turns. `--rounds`: measured slices of each; `--steps`: of a slice; `--warm`: steps before,
 * not counted; `--ids N,N`: ids a field.
 */
export async function training(args: readonly string[]): Promise<BenchReport> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      rounds: { type: 'string', default: '7' },
      steps: { type: 'string', default: '10' },
      warm: { type: 'string', default: '10' },
      ids: { type: 'string', default: '10000,200000' },
    },
  });
  const size = { rounds: Number(values.rounds), steps: Number(values.steps), warm: Number(values.warm) };
  const figures: Record<string, number> = {};
  const peerFigures: Record<string, Record<string, number>> = {};
  const bars: Bar[] = [];
  for (const idsAField of values.ids.split(',').map(Number)) {
    const slices = await trained(idsAField, size);
    const ours = slices.get('ours')!;
    Object.assign(figures, figuresOf(idsAField, ours, size.steps));
    for (const { name, cpu, apart } of peers) {
      const own = slices.get(name)!;
      peerFigures[name] = { ...peerFigures[name], ...figuresOf(idsAField, own, size.steps) };
      const ratios = own.map(({ cpuS }, round) => ours[round]!.cpuS / cpuS);
      const distance = Math.abs(ours.at(-1)!.loss - own.at(-1)!.loss);
      bars.push(
        atMost(`${idsAField}: cpu to ${name}`, median(ratios), cpu(idsAField)),
        atMost(`${idsAField}: log-loss apart from ${name}`, distance, apart),
      );
    }
  }
  return { bench: 'training', figures, peers: peerFigures, bars };
}

async function trained(idsAField: number, { rounds, steps, warm }: Size): Promise<Slices> {
  const folder = mkdtempSync(join(tmpdir(), 'adstocrat-bench-training-'));
  const trainers: TrainerProcess[] = [];
  try {
    writeTask(folder, { ...network, idsAField, seed: 1, batches: warm + rounds * steps });
    trainers.push(...programs(folder).map((program) => startTrainer(program, threads)));
    for (const { name, train } of trainers) say(`${idsAField} ids a field, warm-up, ${name}`, await train(0, warm));
    const slices = new Map(trainers.map(({ name }) => [name, [] as TrainedSlice[]]));
    for (let round = 0; round < rounds; round += 1)
      for (const { name, train } of trainers) {
        const slice = await train(warm + round * steps, steps);
        slices.get(name)!.push(slice);
        say(`${idsAField} ids a field, round ${round + 1} of ${rounds}, ${name}`, slice);
      }
    return slices;
  } finally {
    await Promise.all(trainers.map((trainer) => trainer.stop()));
    rmSync(folder, { recursive: true, force: true });
  }
}

function programs(folder: string): readonly TrainerProgram[] {
  const { python } = environmentOf(requirements);
  const [ours, theirs] = ['our-trainer.ts', 'peers.py'].map((file) => join(import.meta.dirname, file)) as [
    string,
    string,
  ];
  const flags = ['--conditions=@adstocrat/source', '--disable-warning=DEP0044'];
  return [
    { name: 'ours', command: process.execPath, args: [...flags, ours, folder] },
    ...peers.map(({ name }) => ({ name, command: python, args: [theirs, name, folder, String(threads)] })),
  ];
}

function figuresOf(
  idsAField: number,
  slices: readonly TrainedSlice[],
  steps: number,
): Readonly<Record<string, number>> {
  const usAnExample = (of: 'cpuS' | 'wallS'): number =>
    (median(slices.map((slice) => slice[of])) * 1e6) / (steps * network.rows);
  return {
    [`${idsAField}: cpuUsAnExample`]: usAnExample('cpuS'),
    [`${idsAField}: wallUsAnExample`]: usAnExample('wallS'),
    [`${idsAField}: logLoss`]: slices.at(-1)!.loss,
  };
}

function say(what: string, { cpuS, wallS, loss }: TrainedSlice): void {
  console.error(`${what}: ${cpuS.toFixed(2)} CPU-seconds, ${wallS.toFixed(2)} s, log-loss ${loss.toFixed(4)}`);
}
