import { openInference as v2 } from '@adstocrat/schemas';
import type { Total, VersionStatistics } from './model-statistics.ts';

/** Counters as the protocol's message. Each request is one execution, and nothing waits in a queue. */
export function statisticsMessage({
  model,
  version,
  lastInferenceMs,
  rows,
  success,
  fail,
  input,
  infer,
}: VersionStatistics): v2.ModelStatistics {
  return v2.ModelStatistics.create({
    name: model,
    version: String(version),
    lastInference: BigInt(Math.round(lastInferenceMs)),
    inferenceCount: BigInt(rows),
    executionCount: BigInt(success.count),
    inferenceStats: {
      success: duration(success),
      fail: duration(fail),
      queue: duration({ count: success.count, ns: 0 }),
      computeInput: duration(input),
      computeInfer: duration(infer),
      computeOutput: duration({ count: success.count, ns: 0 }),
      cacheHit: duration({ count: 0, ns: 0 }),
      cacheMiss: duration({ count: 0, ns: 0 }),
    },
  });
}

function duration({ count, ns }: Total): v2.StatisticDuration {
  return { count: BigInt(count), ns: BigInt(ns) };
}
