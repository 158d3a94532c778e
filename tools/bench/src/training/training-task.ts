import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { composeModel, type ModelSpec, type Parameter, parametersOf, type Weights } from '@adstocrat/models';
import { initialWeights } from '@adstocrat/tensorflow';
import { type BatchOptions, type ClickBatches, clickBatches } from './click-batches.ts';

/** What every trainer of a run is given: one network, one start, the same batches in the same order. */
export interface TrainingTask extends BatchOptions {
  readonly units: number;
  readonly crossLayers: number;
  readonly hidden: readonly number[];
  readonly learningRate: number;
}

/**
 * Writes `task.json`, with the parameters in the order of `weights.bin`, and little-endian `weights.bin` (float32), `ids.bin` (int32) and
 * `labels.bin` (float32).
 */
export function writeTask(folder: string, task: TrainingTask): void {
  const spec = networkOf(task);
  const weights = initialWeights(spec, task.seed, 0.3);
  const parameters = parametersOf(spec).map(({ name, shape }) => ({ name, shape }));
  const { ids, labels } = clickBatches(task);
  const arrays = { weights: joined(parametersOf(spec), weights), ids, labels };
  for (const [name, { buffer }] of Object.entries(arrays))
    writeFileSync(join(folder, `${name}.bin`), new Uint8Array(buffer));
  writeFileSync(join(folder, 'task.json'), JSON.stringify({ ...task, parameters }));
}

/** What {@link writeTask} wrote. */
export function readTask(folder: string): TrainingTask & ClickBatches & { readonly weights: Weights } {
  const task = JSON.parse(readFileSync(join(folder, 'task.json'), 'utf8')) as TrainingTask;
  const bytes = (name: string): ArrayBuffer => new Uint8Array(readFileSync(join(folder, `${name}.bin`))).buffer;
  const all = new Float32Array(bytes('weights'));
  let end = 0;
  const weights = new Map(
    parametersOf(networkOf(task)).map((parameter) => [parameter.name, all.subarray(end, (end += sizeOf(parameter)))]),
  );
  return { ...task, weights, ids: new Int32Array(bytes('ids')), labels: new Float32Array(bytes('labels')) };
}

/** DCN-v2 in parallel, as the portfolio has it, beside the linear part; without priors and dropout, which peers draw in other ways. */
export function networkOf({ fields, idsAField, units, crossLayers, hidden }: TrainingTask): ModelSpec {
  return composeModel(
    { fields, idRows: fields * idsAField, dense: 0 },
    {
      wideL2: 0,
      embedding: { units, l2: 0, dropout: 0 },
      streams: [{ stream: 'cross-network', crossLayers, hidden, dropout: 0 }],
    },
  );
}

function joined(parameters: readonly Parameter[], weights: Weights): Float32Array {
  const all = new Float32Array(parameters.reduce((sum, parameter) => sum + sizeOf(parameter), 0));
  let end = 0;
  for (const parameter of parameters) {
    all.set(weights.get(parameter.name)!, end);
    end += sizeOf(parameter);
  }
  return all;
}

const sizeOf = ({ shape }: Parameter): number => shape.reduce((product, one) => product * one, 1);
