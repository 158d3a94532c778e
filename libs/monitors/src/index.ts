export { noiseBits } from './lib/drift-noise.ts';
export { defaultDriftBits, judgeDrift } from './lib/judge-drift.ts';
export type { DriftBaseline, DriftReading } from './lib/judge-drift.ts';
export { judgePerformance } from './lib/judge-performance.ts';
export type { LabelledRows, PerformanceLimits, PerformanceReading } from './lib/judge-performance.ts';
export { decideRetrain, defaultRetrainLimits } from './lib/retrain-policy.ts';
export type { RetrainDecision, RetrainLimits, RetrainSnapshot } from './lib/retrain-policy.ts';
export { divergenceBits, ValueCounts } from './lib/value-counts.ts';
export type { Value } from './lib/value-counts.ts';
