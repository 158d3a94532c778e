import { createRequire } from 'node:module';
import type * as TensorFlow from '@tensorflow/tfjs-node-gpu';

export type { TensorFlow };

const require = createRequire(import.meta.url);
let loaded: typeof TensorFlow | undefined;

/**
 * What TensorFlow reads as it is loaded, where the person who starts it says nothing else. They matter on a GPU, where without them the
 * same seed gives other weights each time, and products are rounded to 10 bits.
 */
const environment = {
  TF_DETERMINISTIC_OPS: '1',
  // Rows that we update are distinct, so the order does not matter. Else whole tables are copied to the CPU and back for each step.
  TF_DISABLE_SCATTER_OP_DETERMINISM: '1',
  NVIDIA_TF32_OVERRIDE: '0',
  // Takes of a GPU's memory what it needs, and leaves the rest to others.
  TF_FORCE_GPU_ALLOW_GROWTH: 'true',
};

/** The native TensorFlow, loaded at the first call: a process that does not train does not pay for it. */
export function loadTensorflow(): typeof TensorFlow {
  if (loaded === undefined) {
    for (const [name, value] of Object.entries(environment)) process.env[name] ??= value;
    // tfjs-node 4.22 calls two functions that Node 23 removed.
    const util = require('node:util') as Record<string, unknown>;
    util['isNullOrUndefined'] ??= (value: unknown) => value == null;
    util['isArray'] ??= Array.isArray;
    loaded = require('@tensorflow/tfjs-node-gpu') as typeof TensorFlow;
  }
  return loaded;
}
