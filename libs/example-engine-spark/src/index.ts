export { SparkExampleEngine } from './lib/spark-example-engine.ts';
export type { SparkOptions } from './lib/spark-example-engine.ts';
