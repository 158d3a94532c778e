export type { Ceiling, Ceilings, CeilingSet } from './lib/ceilings.ts';
export { type Drift, driftShare } from './lib/drift.ts';
export { generateWorld, type GenerateOptions, type WorldProgress, type WorldSummary } from './lib/generate-world.ts';
export type { ColumnValue } from './lib/impression.ts';
export { type LiveImpression, type LiveOptions, type LivePage, LiveTraffic } from './lib/live-traffic.ts';
export { ProbabilityScore, type Score } from './lib/probability-score.ts';
export { Random } from './lib/random.ts';
export { streamWorld, type StreamOptions } from './lib/stream-world.ts';
export type { WorldOptions } from './lib/world-options.ts';
