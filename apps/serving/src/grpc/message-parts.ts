/** What an encoded message would become: few bytes of it may stand for many objects. */
export interface MessageParts {
  /** Fields that become an object each. */
  readonly parts: number;
  /** Fields that become a value each. */
  readonly values: number;
}

/** How a field counts: as a part; as a value, or packed ones; or as a part that is a message, whose own fields count. */
export type PartRule = 'part' | 'value' | 'varints' | 'fixed32' | 'fixed64' | PartRules;
export interface PartRules {
  readonly [field: number]: PartRule;
}

/** Counts the parts of an encoded message, and makes none. What is no message is counted as far as it can be read. */
export function countParts(message: Uint8Array, rules: PartRules): MessageParts {
  const counted = { parts: 0, values: 0 };
  count(message, 0, message.length, rules, counted);
  return counted;
}

function count(
  bytes: Uint8Array,
  from: number,
  to: number,
  rules: PartRules,
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
      if (typeof rule === 'object') {
        counted.parts += 1;
        count(bytes, length.next, end, rule, counted);
      } else if (rule === 'part') counted.parts += 1;
      else if (rule !== undefined) counted.values += valuesIn(rule, bytes, length.next, end);
      at = end;
      continue;
    }
    if (typeof rule === 'string' && rule !== 'part') counted.values += 1;
    if (wireType === 0) at = varint(bytes, at, to).next;
    else if (wireType === 1) at += 8;
    else if (wireType === 5) at += 4;
    else return;
  }
}

function valuesIn(
  rule: 'value' | 'varints' | 'fixed32' | 'fixed64',
  bytes: Uint8Array,
  from: number,
  to: number,
): number {
  if (rule === 'value') return 1;
  if (rule === 'fixed32') return Math.floor((to - from) / 4);
  if (rule === 'fixed64') return Math.floor((to - from) / 8);
  let values = 0;
  // Each varint's last byte.
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
