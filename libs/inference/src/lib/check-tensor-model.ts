import { InferenceSession } from 'onnxruntime-node';
import { cpuMsSince } from './cpu-ms-since.ts';
import { TensorModel } from './tensor-model.ts';

/** Processor milliseconds from which on opening a model, or a run of it, is not for a thread that answers others. */
const longestOpenMs = 10;
const longestRunMs = 5;

/** What was seen of a plain model. */
export interface CheckedTensorModel {
  /** As `TensorModel.warmUp` says. */
  readonly sharesRuns: boolean;
  /** It takes long to open or to run, or it is not known how long it runs for its inputs are too large to be drawn: for a thread of its own. */
  readonly apart: boolean;
}

/** Opens a plain model, runs it on drawn values, and tells where it is to be opened. Throws `DamagedServable`. */
export async function checkTensorModel(path: string): Promise<CheckedTensorModel> {
  // The first session of a process also makes the engine ready, in ten times the time of a small model. This one is none.
  await InferenceSession.create(new Uint8Array(1)).catch(() => undefined);
  const before = process.threadCpuUsage();
  const model = await TensorModel.open(path);
  try {
    const openMs = cpuMsSince(before);
    const { sharesRuns, runMs = Infinity } = await model.warmUp();
    return { sharesRuns, apart: openMs > longestOpenMs || runMs > longestRunMs };
  } finally {
    await model.close();
  }
}
