import type { serving } from '@adstocrat/schemas';
import { InvalidRequest } from '@adstocrat/service-kit';
import type { ModelTarget } from '../infer/inference-request.ts';
import type { MixedValue } from '../infer/tensor.ts';
import type { ClickRequest, ClickRow } from './click-request.ts';

/** A ScoreRequest, or a request of a stream. Throws {@link InvalidRequest} for one without a row or a target. */
export function scoreRequest({ target, row, unlogged, tokens }: serving.ScoreRequest): ClickRequest {
  if (row === undefined) throw new InvalidRequest('the request has no row');
  return { target: targetOf(target), rows: [rowOf(row)], unlogged, tokens };
}

/** Throws {@link InvalidRequest} for one without a target. */
export function scoreManyRequest({ target, rows, unlogged, tokens }: serving.ScoreManyRequest): ClickRequest {
  return { target: targetOf(target), rows: rows.map(rowOf), unlogged, tokens };
}

/** Throws {@link InvalidRequest} for a target that names no model, or no version that could be. */
export function targetOf(target: serving.Target | undefined): ModelTarget {
  const { model = '', version, label } = target ?? {};
  if (model === '') throw new InvalidRequest('target.model names no model');
  if (label !== undefined) return { model, label };
  if (version === undefined) return { model };
  if (version < 0n || version > BigInt(Number.MAX_SAFE_INTEGER))
    throw new InvalidRequest(`target.version must be 0 to ${Number.MAX_SAFE_INTEGER}, got ${version}`);
  return { model, version: Number(version) };
}

export function rowOf({ features, predictionId }: serving.Row): ClickRow {
  return {
    predictionId,
    features: Array.from(features, ([name, value]) => [name, valueOf(value)] as const),
  };
}

/** The value that is set; null, which is missing, where none is. */
function valueOf({ text, integer, number, flag, image }: serving.Value): MixedValue {
  return text ?? integer ?? number ?? flag ?? image ?? null;
}
