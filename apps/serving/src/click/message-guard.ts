import { serving } from '@adstocrat/schemas';
import { guardedDecode } from '../grpc/guarded-decode.ts';
import { countParts, type PartRules } from '../grpc/message-parts.ts';
import type { InferenceLimits } from '../infer/admit.ts';
import { TooLarge } from '../infer/inference-failure.ts';

/** Rows, and the features of each. The field has one number in all requests. */
const request: PartRules = { 2: { 1: 'value' } };

/** What is wrong with a message whose field 2 are rows: more of them, or of their features, than are answered at once. */
export function rowsGuard(limits: InferenceLimits): (bytes: Uint8Array) => TooLarge | undefined {
  // Each takes two bytes at least: what is no longer need not be counted.
  const harmlessBytes = Math.min(limits.rows, limits.values);
  return (bytes) => {
    if (bytes.length <= harmlessBytes) return undefined;
    const { parts, values } = countParts(bytes, request);
    if (parts > limits.rows) return tooMany('rows', parts, limits.rows);
    return values > limits.values ? tooMany('values', values, limits.values) : undefined;
  };
}

/** The service as generated, but that a request of more rows or features than are answered at once is not made into objects. */
export function guardedClickService(limits: InferenceLimits): typeof serving.ClickServiceService {
  const tooLarge = rowsGuard(limits);
  const service = serving.ClickServiceService;
  return {
    score: { ...service.score, requestDeserialize: guardedDecode(serving.ScoreRequest, tooLarge) },
    scoreMany: { ...service.scoreMany, requestDeserialize: guardedDecode(serving.ScoreManyRequest, tooLarge) },
    scoreStream: { ...service.scoreStream, requestDeserialize: guardedDecode(serving.ScoreStreamRequest, tooLarge) },
  };
}

function tooMany(what: 'rows' | 'values', count: number, limit: number): TooLarge {
  return new TooLarge(what, limit, `the request has ${count} ${what}: at most ${limit} are answered at once`);
}
