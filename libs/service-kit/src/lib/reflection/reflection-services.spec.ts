import { create, toBinary } from '@bufbuild/protobuf';
import {
  FieldDescriptorProto_Type as Type,
  FileDescriptorProtoSchema,
  FileDescriptorSetSchema,
} from '@bufbuild/protobuf/wkt';
import { describe, expect, it } from 'vitest';
import { DescriptorIndex } from './descriptor-index.ts';
import { decodeRequest, encodeAnswer } from './reflection-messages.ts';

const shape = create(FileDescriptorProtoSchema, {
  name: 'shape.proto',
  package: 'a.b',
  messageType: [
    {
      name: 'Outer',
      field: [{ name: 'size', number: 1, type: Type.INT64 }],
      nestedType: [{ name: 'Inner' }],
      enumType: [{ name: 'Colour', value: [{ name: 'RED', number: 0 }] }],
    },
  ],
});
const service = create(FileDescriptorProtoSchema, {
  name: 'service.proto',
  package: 'a.b',
  dependency: ['shape.proto'],
  service: [{ name: 'Painter', method: [{ name: 'Paint', inputType: '.a.b.Outer', outputType: '.a.b.Outer' }] }],
});
const index = new DescriptorIndex(
  toBinary(FileDescriptorSetSchema, create(FileDescriptorSetSchema, { file: [shape, service] })),
);
const [shapeBytes, serviceBytes] = [shape, service].map((file) => toBinary(FileDescriptorProtoSchema, file));

describe('DescriptorIndex', () => {
  it.each(['a.b.Outer', 'a.b.Outer.size', 'a.b.Outer.Inner', 'a.b.Outer.Colour', 'a.b.Outer.RED'])(
    'finds the file of %s',
    (symbol) => {
      expect(index.bySymbol(symbol)).toEqual([shapeBytes]);
    },
  );

  it('gives the imports with a file', () => {
    for (const found of [
      index.bySymbol('a.b.Painter'),
      index.bySymbol('a.b.Painter.Paint'),
      index.byName('service.proto'),
    ])
      expect(found).toEqual([serviceBytes, shapeBytes]);
  });

  it('has nothing for other names', () => {
    expect([index.bySymbol('Outer'), index.bySymbol('__proto__'), index.byName('other.proto')]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });
});

describe('reflection messages', () => {
  // Field numbers as in grpc/reflection/v1/reflection.proto, bytes by hand.
  it('are read and written as the contract has them', () => {
    const request = decodeRequest(Buffer.from('\n\x01h"\x03a.b', 'latin1'));
    expect(request).toMatchObject({ host: 'h', asks: 'fileContainingSymbol', name: 'a.b' });
    const asked = decodeRequest(Buffer.from(':\0', 'latin1'));
    expect(asked).toMatchObject({ asks: 'listServices', name: '' });
    expect(Buffer.from(encodeAnswer(asked, { services: ['s'] })).toString('latin1')).toBe(
      '\x12\x02:\x002\x05\n\x03\n\x01s',
    );
    expect(Buffer.from(encodeAnswer(asked, { code: 5, message: 'm' })).toString('latin1')).toBe(
      '\x12\x02:\0:\x05\x08\x05\x12\x01m',
    );
  });
});
