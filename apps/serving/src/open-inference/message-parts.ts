/** What an encoded message would become: few bytes of it may stand for many objects. */
export interface MessageParts {
  /** Tensors, parameters and raw data. */
  readonly parts: number;
  /** Typed values and dimensions. */
  readonly values: number;
}

/** How a field counts: as a part, as values, or as a message whose own fields count. */
type Rule = 'part' | 'values' | Rules;
interface Rules {
  readonly [field: number]: Rule;
}

/** InferTensorContents: varints, 4 and 8 bytes, and byte strings. */
const contents: Rules = Object.fromEntries([1, 2, 3, 4, 5, 6, 7, 8].map((field) => [field, 'values' as const]));
const inputTensor: Rules = { 3: 'values', 4: 'part', 5: contents };
/** ModelInferRequest: parameters, inputs, outputs, raw_input_contents. */
const inferRequest: Rules = { 4: 'part', 5: inputTensor, 6: { 2: 'part' }, 7: 'part' };

/** Fields of fixed width inside of contents, bytes each. */
const widths: Readonly<Record<number, number>> = { 6: 4, 7: 8 };

/** Counts the parts of an encoded ModelInferRequest, and makes none. What is no message is counted as far as it can be read. */
export function inferRequestParts(message: Uint8Array): MessageParts {
  const counted = { parts: 0, values: 0 };
  count(message, 0, message.length, inferRequest, counted);
  return counted;
}

function count(
  bytes: Uint8Array,
  from: number,
  to: number,
  rules: Rules,
  counted: { parts: number; values: number },
): void {
  let at = from;
  while (at < to) {
    const tag = varint(bytes, at, to);
    at = tag.next;
    const [field, wireType] = [tag.value >>> 3, tag.value & 7];
    const rule = rules[field];
    if (wireType === 2) {
      const length = varint(bytes, at, to);
      const end = length.next + length.value;
      if (!(end <= to)) return;
      if (rule === 'part') counted.parts += 1;
      else if (rule === 'values')
        counted.values += rules === contents && field === 8 ? 1 : packed(bytes, length.next, end, field, rules);
      else if (rule !== undefined) {
        counted.parts += 1;
        count(bytes, length.next, end, rule, counted);
      }
      at = end;
      continue;
    }
    if (rule === 'values') counted.values += 1;
    if (wireType === 0) at = varint(bytes, at, to).next;
    else if (wireType === 1) at += 8;
    else if (wireType === 5) at += 4;
    else return;
  }
}

/** Values of a packed field: of fixed width, or each varint's last byte. */
function packed(bytes: Uint8Array, from: number, to: number, field: number, rules: Rules): number {
  const width = rules === contents ? widths[field] : undefined;
  if (width !== undefined) return Math.floor((to - from) / width);
  let values = 0;
  for (let at = from; at < to; at += 1) if ((bytes[at] as number) < 0x80) values += 1;
  return values;
}

/** A varint as far as 32 bits matter; a longer one is no length that fits. */
function varint(bytes: Uint8Array, from: number, to: number): { readonly value: number; readonly next: number } {
  let [value, scale, at] = [0, 1, from];
  while (at < to) {
    const byte = bytes[at] as number;
    value += (byte & 0x7f) * scale;
    scale *= 128;
    at += 1;
    if (byte < 0x80) return { value, next: at };
  }
  return { value: Infinity, next: to };
}
