import { InvalidRequest } from '@adstocrat/service-kit';

export type RestVerb = 'predict' | 'classify' | 'regress';

/** The model that a path names. A label may be any text without "/" and ":". */
export interface RestModel {
  readonly model: string;
  readonly version?: bigint;
  readonly label?: string;
}

/** What a request line asks for. */
export type RestCall =
  | { readonly kind: RestVerb; readonly of: RestModel }
  | { readonly kind: 'status' | 'metadata'; readonly of: RestModel };

const choice = String.raw`(?:/versions/(?<version>\d+)|/labels/(?<label>[^/:]+))?`;
const inference = new RegExp(`^/v1/models/(?<model>[^/:]+)${choice}:(?<verb>classify|regress|predict)$`, 'i');
const model = new RegExp(`^/v1/models(?:/(?<model>[^/:]+))?${choice}(?<metadata>/metadata)?$`, 'i');

/**
 * Reads a request line as TensorFlow Serving does: whatever its letters' case, model and label percent-decoded. `path` is still encoded
 * and has no query. Throws {@link InvalidRequest} in TensorFlow Serving's words for anything else.
 */
export function parseRestPath(method: string, path: string): RestCall {
  const match =
    method === 'POST' ? inference.exec(path) : method === 'GET' || method === 'HEAD' ? model.exec(path) : null;
  if (match === null) throw new InvalidRequest(`Malformed request: ${method} ${path}`);
  const { model: name, version, label, verb, metadata } = match.groups ?? {};
  if (name === undefined) throw new InvalidRequest('Missing model name in request.');
  const of = {
    model: percentDecoded(name),
    ...(version === undefined ? {} : { version: versionOf(version) }),
    ...(label === undefined ? {} : { label: percentDecoded(label) }),
  };
  if (verb !== undefined) return { kind: verb.toLowerCase() as RestVerb, of };
  return { kind: metadata === undefined ? 'status' : 'metadata', of };
}

const maxVersion = 2n ** 63n - 1n;

function versionOf(digits: string): bigint {
  // More digits than any int64 has are not worth a bigint of that size.
  const version = digits.replace(/^0+(?=\d)/, '').length > 19 ? maxVersion + 1n : BigInt(digits);
  if (version > maxVersion) throw new InvalidRequest(`Failed to convert version: ${digits} to numeric.`);
  return version;
}

/** A "%" that no two hexadecimal digits follow stays as it is. */
function percentDecoded(text: string): string {
  return text.replace(/(?:%[0-9a-f]{2})+/gi, (escapes) =>
    Buffer.from(escapes.replaceAll('%', ''), 'hex').toString('utf8'),
  );
}
