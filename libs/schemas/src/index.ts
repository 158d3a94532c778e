export { topics } from './topics.ts';
export type { TopicContract } from './topics.ts';
export * as events from './gen/adstocrat/events/v1/events.ts';
export * as ingestion from './gen/adstocrat/ingestion/v1/ingestion.ts';
export * as training from './gen/adstocrat/training/v1/training.ts';
export * as evaluation from './gen/adstocrat/evaluation/v1/evaluation.ts';
export * as feedback from './gen/adstocrat/feedback/v1/feedback.ts';
export * as tensorflowServing from './tensorflow-serving.ts';
export * as openInference from './open-inference.ts';
