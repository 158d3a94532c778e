import { JsonObject, type JsonValue } from './json-document.ts';

/** Where a value is cut in a message, about. */
const maxText = 256;

/** A value as messages show it: objects a member a line, lists on one, cut near 256 characters. */
export function jsonText(value: JsonValue): string {
  return written(value, '', '');
}

/** The text so far with the value after it, if there is room. */
function written(value: JsonValue, before: string, indent: string): string {
  if (before.length >= maxText) return before;
  if (Array.isArray(value)) {
    let text = `${before}[`;
    for (const [at, item] of (value as readonly JsonValue[]).entries()) {
      if (text.length >= maxText) return text;
      text = written(item, at === 0 ? text : `${text}, `, indent);
    }
    return text.length >= maxText ? text : `${text}]`;
  }
  if (value instanceof JsonObject) {
    if (value.names.length === 0) return `${before}{}`;
    const deeper = `${indent}    `;
    let text = `${before}{`;
    for (const [at, name] of value.names.entries()) {
      if (text.length >= maxText) return text;
      text = `${text}${at === 0 ? '' : ','}\n${deeper}${scalarText(name)}: `;
      text = written(value.values[at] as JsonValue, text, deeper);
    }
    return text.length >= maxText ? text : `${text}\n${indent}}`;
  }
  return before + scalarText(value as Exclude<JsonValue, readonly JsonValue[] | JsonObject>);
}

function scalarText(value: null | boolean | number | bigint | string): string {
  return typeof value === 'string' ? JSON.stringify(value.slice(0, maxText)) : String(value);
}

/** RapidJSON's name of a value's type. */
export function jsonTypeName(value: JsonValue): string {
  switch (typeof value) {
    case 'boolean':
      return value ? 'True' : 'False';
    case 'string':
      return 'String';
    case 'number':
    case 'bigint':
      return 'Number';
    default:
      return value === null ? 'Null' : Array.isArray(value) ? 'Array' : 'Object';
  }
}
