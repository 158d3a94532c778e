export { ClickModelTrainer } from './lib/click-model-trainer.ts';
export type { OptimizerOptions, TrainingBatch } from './lib/click-model-trainer.ts';
export { initialWeights } from './lib/initial-weights.ts';
