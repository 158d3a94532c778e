export { startSail } from './start-sail.ts';
export { startSpark } from './start-spark.ts';
export type { ConnectServer } from './connect-server.ts';
