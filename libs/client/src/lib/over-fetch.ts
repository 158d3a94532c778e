import { ClientError } from './client-error.ts';
import { post } from './http-call.ts';
import { Rotation } from './rotation.ts';
import type { Features, ScoredMany, Transport, TransportRequest } from './transport.ts';

export interface FetchOptions {
  /** Of serving's REST: `http://host:8501`, one or more. Calls take turns. */
  readonly addresses: readonly string[];
  /** Sent as `authorization: Bearer …`. */
  readonly token?: string;
}

/** Scores over REST, in browsers and Node. A page needs `SERVING_ORIGINS` to name its origin. */
export function overFetch({ addresses, token }: FetchOptions): Transport {
  const rotation = new Rotation(addresses.map((address) => address.replace(/\/+$/, '')));
  const headers: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` };
  return {
    score: async (request, _deadlineMs, signal) => {
      const path = `/click/v1/models/${encodeURIComponent(request.model)}/score-many`;
      return scoredMany(await post(rotation, path, bodyOf(request), headers, signal), request.rows.length);
    },
    close: () => undefined,
  };
}

/** JSON by hand where values need it: an integer of 64 bits is more than JSON.stringify writes. */
function bodyOf({ version, label, rows, unlogged, tokens }: TransportRequest): string {
  const head = [
    ...(version === undefined ? [] : [`"version":${JSON.stringify(version)}`]),
    ...(label === undefined ? [] : [`"label":${JSON.stringify(label)}`]),
    `"unlogged":${unlogged}`,
    ...(tokens ? ['"tokens":true'] : []),
  ];
  const list = rows.map(
    ({ features, predictionId }) =>
      `{"prediction_id":${JSON.stringify(predictionId)},"features":${featuresJson(features)}}`,
  );
  return `{${head.join(',')},"rows":[${list.join(',')}]}`;
}

function featuresJson(features: Features): string {
  const members: string[] = [];
  for (const [name, value] of Object.entries(features)) {
    if (value === undefined || value === null || Number.isNaN(value)) continue;
    members.push(`${JSON.stringify(name)}:${valueJson(value)}`);
  }
  return `{${members.join(',')}}`;
}

function valueJson(value: string | number | bigint | boolean | Uint8Array): string {
  if (value instanceof Uint8Array) return `{"b64":"${base64(value)}"}`;
  // The server refuses an infinite number by name; JSON.stringify would make a missing value of it.
  if (typeof value === 'bigint' || typeof value === 'number') return String(value);
  return JSON.stringify(value);
}

function base64(bytes: Uint8Array): string {
  let text = '';
  for (let from = 0; from < bytes.length; from += 8192)
    text += String.fromCharCode(...bytes.subarray(from, from + 8192));
  return btoa(text);
}

function scoredMany(value: unknown, rows: number): ScoredMany {
  const {
    version,
    scores,
    prediction_ids: predictionIds = [],
    tokens = [],
  } = value as {
    readonly version?: number;
    readonly scores?: readonly number[];
    readonly prediction_ids?: readonly string[];
    readonly tokens?: readonly string[];
  };
  if (version === undefined || scores?.length !== rows)
    throw new ClientError('INTERNAL', `the answer has ${scores?.length ?? 'no'} scores for ${rows} rows`);
  return { version, scores: scores.map(Math.fround), predictionIds, tokens };
}
