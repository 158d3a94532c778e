export { batchOf, fitOn, planned } from './testing/fit-on.ts';
export { clickLogFeatures, everyOperation } from './testing/sample-features.ts';
export { sampleCells, sampleColumns, sampleRows, sampleTypes } from './testing/sample-rows.ts';
