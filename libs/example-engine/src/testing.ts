export { exampleEngineContract } from './testing/example-engine-contract.ts';
export type { EngineUnderTest } from './testing/example-engine-contract.ts';
export { sampleFiles, sampleSpan } from './testing/sample-span.ts';
export type { SampleSpan } from './testing/sample-span.ts';
