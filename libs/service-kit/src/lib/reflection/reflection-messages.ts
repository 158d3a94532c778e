import { BinaryReader, BinaryWriter, WireType } from '@bufbuild/protobuf/wire';

/** What a ServerReflectionRequest asks for. v1 and v1alpha are the same on the wire. */
export interface ReflectionRequest {
  /** Serialized, to be sent back. */
  readonly original: Uint8Array;
  readonly host: string;
  readonly asks:
    | 'nothing'
    | 'fileByFilename'
    | 'fileContainingSymbol'
    | 'fileContainingExtension'
    | 'allExtensionNumbersOfType'
    | 'listServices';
  /** The file, symbol or type; empty for an extension. */
  readonly name: string;
}

export type ReflectionAnswer =
  | { readonly files: readonly Uint8Array[] }
  | { readonly services: readonly string[] }
  | { readonly extendable: string }
  | { readonly code: number; readonly message: string };

const asksByField = new Map<number, ReflectionRequest['asks']>([
  [3, 'fileByFilename'],
  [4, 'fileContainingSymbol'],
  [5, 'fileContainingExtension'],
  [6, 'allExtensionNumbersOfType'],
  [7, 'listServices'],
]);

/** Throws where the bytes are no message. */
export function decodeRequest(original: Uint8Array): ReflectionRequest {
  const reader = new BinaryReader(original);
  let [host, name] = ['', ''];
  let asks: ReflectionRequest['asks'] = 'nothing';
  while (reader.pos < reader.len) {
    const [field, type] = reader.tag();
    const asked = asksByField.get(field);
    if (type === WireType.LengthDelimited && field === 1) host = reader.string();
    else if (type === WireType.LengthDelimited && asked !== undefined) {
      asks = asked;
      if (asked === 'fileContainingExtension') {
        reader.bytes();
        name = '';
      } else name = reader.string();
    } else reader.skip(type, field);
  }
  return { original, host, asks, name };
}

/** A ServerReflectionResponse. */
export function encodeAnswer({ host, original }: ReflectionRequest, answer: ReflectionAnswer): Uint8Array {
  const writer = new BinaryWriter();
  if (host !== '') writer.tag(1, WireType.LengthDelimited).string(host);
  writer.tag(2, WireType.LengthDelimited).bytes(original);
  if ('files' in answer) {
    writer.tag(4, WireType.LengthDelimited).fork();
    for (const file of answer.files) writer.tag(1, WireType.LengthDelimited).bytes(file);
  } else if ('extendable' in answer) {
    writer.tag(5, WireType.LengthDelimited).fork();
    writer.tag(1, WireType.LengthDelimited).string(answer.extendable);
  } else if ('services' in answer) {
    writer.tag(6, WireType.LengthDelimited).fork();
    for (const service of answer.services) {
      writer.tag(1, WireType.LengthDelimited).fork();
      writer.tag(1, WireType.LengthDelimited).string(service).join();
    }
  } else {
    writer.tag(7, WireType.LengthDelimited).fork();
    writer.tag(1, WireType.Varint).int32(answer.code);
    writer.tag(2, WireType.LengthDelimited).string(answer.message);
  }
  return writer.join().finish();
}
