export { createLogger } from './lib/logger.ts';
export type { Logger } from './lib/logger.ts';
export { injectTraceContext, withTraceContext } from './lib/trace-context.ts';
export { meter } from './lib/meter.ts';
export { counter, histogram, metricsText, observed } from './lib/metrics/instruments.ts';
export type { Counter, Histogram, InstrumentOptions } from './lib/metrics/instruments.ts';
export { mergedText } from './lib/metrics/merged-text.ts';
export { prometheusType } from './lib/metrics/prometheus-text.ts';
export type { Labels } from './lib/metrics/series.ts';
