import { createRequire } from 'node:module';
import type * as TensorFlow from '@tensorflow/tfjs-node-gpu';

export type { TensorFlow };

const require = createRequire(import.meta.url);
let loaded: typeof TensorFlow | undefined;

/** The native TensorFlow, loaded at the first call: a process that does not train does not pay for it. */
export function loadTensorflow(): typeof TensorFlow {
  if (loaded === undefined) {
    // tfjs-node 4.22 calls two functions that Node 23 removed.
    const util = require('node:util') as Record<string, unknown>;
    util['isNullOrUndefined'] ??= (value: unknown) => value == null;
    util['isArray'] ??= Array.isArray;
    loaded = require('@tensorflow/tfjs-node-gpu') as typeof TensorFlow;
  }
  return loaded;
}
