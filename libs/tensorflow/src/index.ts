export { ClickModelTrainer } from './lib/click-model-trainer.ts';
export type { OptimizerOptions, StepOptions, TrainerState } from './lib/click-model-trainer.ts';
export { imageVectors } from './lib/image-vectors.ts';
export { initialWeights } from './lib/initial-weights.ts';
export { isOutOfMemory } from './lib/out-of-memory.ts';
export { trainingDevice } from './lib/training-device.ts';
export type { TrainingBatch } from './lib/training-batch.ts';
