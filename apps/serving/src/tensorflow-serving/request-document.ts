import { InvalidRequest } from '@adstocrat/service-kit';
import { jsonDocument, JsonObject, type JsonOptions, type JsonValue } from './json-document.ts';
import { jsonText } from './json-text.ts';

/** The body of a call, an object, and the signature that it names; empty where it names none. */
export interface RequestDocument {
  readonly body: JsonObject;
  readonly signatureName: string;
}

/** Throws {@link InvalidRequest} in TensorFlow Serving's words. */
export function requestDocument(bytes: Uint8Array, options?: JsonOptions): RequestDocument {
  const body = jsonDocument(bytes, options);
  if (!(body instanceof JsonObject)) throw formatError(body, 'Is not object');
  const signatureName = body.get('signature_name');
  if (signatureName !== undefined && typeof signatureName !== 'string')
    throw formatError(body, "not formatted correctly. 'signature_name' key must be a string value.");
  return { body, signatureName: signatureName ?? '' };
}

export function formatError(value: JsonValue, what: string): InvalidRequest {
  return new InvalidRequest(`JSON Value: ${jsonText(value)} ${what}`);
}
