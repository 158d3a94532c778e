import { serving } from '@adstocrat/schemas';
import type { Features, FeatureValue, TransportRequest } from './transport.ts';

/** All rows as one request. */
export function requestOf({
  model,
  version,
  label,
  rows,
  unlogged,
  tokens,
}: TransportRequest): serving.ScoreManyRequest {
  return {
    target: targetOf({ model, version, label }),
    rows: rows.map(({ features, predictionId }) => ({ predictionId, features: featuresOf(features) })),
    unlogged,
    tokens,
  };
}

/** The first row as one of a stream. */
export function streamRequestOf({
  rows: [row],
  unlogged,
  tokens,
  ...target
}: TransportRequest): serving.ScoreStreamRequest {
  return serving.ScoreStreamRequest.create({
    target: targetOf(target),
    row: { predictionId: row?.predictionId ?? '', features: featuresOf(row?.features ?? {}) },
    unlogged,
    tokens,
  });
}

function targetOf({ model, version, label }: Pick<TransportRequest, 'model' | 'version' | 'label'>): serving.Target {
  return { model, version: version === undefined ? undefined : BigInt(version), label };
}

function featuresOf(features: Features): Map<string, serving.Value> {
  const map = new Map<string, serving.Value>();
  for (const [name, value] of Object.entries(features)) {
    if (value === undefined || value === null || Number.isNaN(value)) continue;
    map.set(name, serving.Value.create(valueOf(value)));
  }
  return map;
}

function valueOf(value: Exclude<FeatureValue, null | undefined>): Partial<serving.Value> {
  switch (typeof value) {
    case 'string':
      return { text: value };
    case 'bigint':
      return { integer: value };
    case 'boolean':
      return { flag: value };
    case 'number':
      return Number.isSafeInteger(value) ? { integer: BigInt(value) } : { number: value };
    default:
      return { image: Buffer.from(value) };
  }
}
