import { bytesOfBase64 } from '../json/base64.ts';
import { JsonObject, type JsonValue } from './json-document.ts';

/** {"b64": "…"} and no other name. */
export function isBase64(value: JsonValue): value is JsonObject {
  return (
    value instanceof JsonObject &&
    value.names.length === 1 &&
    value.names[0] === 'b64' &&
    typeof value.values[0] === 'string'
  );
}

/** The bytes of {"b64": "…"}; undefined where it is no base64. */
export function base64Bytes(value: JsonObject): Uint8Array | undefined {
  return bytesOfBase64(value.values[0] as string);
}
