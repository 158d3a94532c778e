/** Field numbers of onnx.proto3: ModelProto.graph, GraphProto's inputs and outputs, and the way to a tensor's shape in ValueInfoProto. */
const [graphField, inputField, outputField] = [7, 11, 12] as const;
const [nameField, typeField, tensorField, shapeField] = [1, 2, 1, 2] as const;

/**
 * The inputs and outputs of an .onnx file that say nothing of their shape, by name: a runtime tells them as scalars. Nothing but their own
 * declarations is read. Throws `RangeError` for bytes that are no protobuf message.
 */
export function undeclaredRanks(model: Uint8Array): ReadonlySet<string> {
  const names = new Set<string>();
  for (const [field, graph] of messagesIn(model)) {
    if (field !== graphField) continue;
    for (const [part, value] of messagesIn(graph)) {
      if (part !== inputField && part !== outputField) continue;
      const name = new TextDecoder().decode(last(value, nameField));
      const tensor = last(last(value, typeField), tensorField);
      if (![...messagesIn(tensor)].some(([at]) => at === shapeField)) names.add(name);
    }
  }
  return names;
}

const nothing = new Uint8Array(0);

/** The last value of a field, as protobuf has it of fields that may stand once. */
function last(message: Uint8Array, field: number): Uint8Array {
  let found: Uint8Array = nothing;
  for (const [at, value] of messagesIn(message)) if (at === field) found = value;
  return found;
}

/** The length-delimited fields of a message. Others are passed over. */
function* messagesIn(message: Uint8Array): Generator<readonly [field: number, value: Uint8Array]> {
  let at = 0;
  const varint = (): number => {
    let [value, scale] = [0, 1];
    for (;;) {
      const byte = message[at];
      if (byte === undefined || scale > 2 ** 63) throw new RangeError('the bytes end within a number');
      at += 1;
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
      scale *= 128;
    }
  };
  while (at < message.length) {
    const key = varint();
    const wire = key % 8;
    if (wire === 0) varint();
    else if (wire === 1) at += 8;
    else if (wire === 5) at += 4;
    else if (wire === 2) {
      const length = varint();
      if (at + length > message.length) throw new RangeError(`a field of ${length} bytes leaves the message`);
      yield [(key - wire) / 8, message.subarray(at, at + length)];
      at += length;
    } else throw new RangeError(`wire type ${wire} is none of protobuf's`);
  }
}
