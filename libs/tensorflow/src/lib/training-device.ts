import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { loadTensorflow } from './load-tensorflow.ts';

/** What NVIDIA's driver puts there. */
const driver = '/proc/driver/nvidia/version';

/** What this process trains on, in a sentence. TensorFlow takes a GPU by itself where its build and the machine have one. */
export function trainingDevice(): string {
  const backend = loadTensorflow().backend() as unknown as { readonly isUsingGpuDevice?: boolean };
  return deviceSentence({
    usesGpu: backend.isUsingGpuDevice === true,
    hasDriver: existsSync(driver),
    cores: availableParallelism(),
  });
}

export function deviceSentence(of: {
  readonly usesGpu: boolean;
  readonly hasDriver: boolean;
  readonly cores: number;
}): string {
  if (of.usesGpu) return 'training runs on the GPU';
  const cpu = `training runs on the CPU, ${of.cores} core${of.cores === 1 ? '' : 's'}`;
  if (!of.hasDriver) return `${cpu}: this machine has no NVIDIA GPU`;
  return `${cpu}: this machine has an NVIDIA GPU, and the TensorFlow in use is built for CPUs or does not find CUDA's libraries`;
}
