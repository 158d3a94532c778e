export { createLogger } from './lib/logger.ts';
export type { Logger } from './lib/logger.ts';
export { injectTraceContext, withTraceContext } from './lib/trace-context.ts';
export { meter } from './lib/meter.ts';
