export type { Replay } from './lib/replay.ts';
export { Replayer } from './lib/replayer.ts';
