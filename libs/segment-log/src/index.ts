export { LogFull, SegmentLog } from './lib/segment-log.ts';
export type { Batch, SegmentLogEvent, SegmentLogOptions, SegmentLogState } from './lib/segment-log.ts';
