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

/** The bytes of {"b64": "…"}, white space skipped, padding not needed; undefined where it is no base64. */
export function base64Bytes(value: JsonObject): Uint8Array | undefined {
  const text = value.values[0] as string;
  const bytes = Buffer.from(text, 'base64');
  const digits = (/\s/.test(text) ? text.replace(/\s+/g, '') : text).replace(/={1,2}$/, '').length;
  // Node skips what is no base64, and then there are fewer bytes than the text stands for.
  return digits % 4 !== 1 && bytes.length === Math.floor((digits * 3) / 4) ? bytes : undefined;
}
