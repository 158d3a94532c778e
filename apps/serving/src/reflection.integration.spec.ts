import {
  type ChannelCredentials,
  type Client,
  type ClientDuplexStream,
  credentials,
  loadPackageDefinition,
} from '@grpc/grpc-js';
import { loadFileDescriptorSetFromBuffer } from '@grpc/proto-loader';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testDatabase } from '@adstocrat/postgres';
import { descriptors } from '@adstocrat/schemas';
import { type Running, ServingUnderTest } from './serving-under-test.ts';

interface Answer {
  readonly list_services_response: { readonly service: readonly { readonly name: string }[] } | null;
  readonly file_descriptor_response: { readonly file_descriptor_proto: readonly Buffer[] } | null;
  readonly error_response: { readonly error_code: number } | null;
}
type Stub = Client & { ServerReflectionInfo(): ClientDuplexStream<object, Answer> };
type StubClass = new (address: string, credentials: ChannelCredentials) => Stub;

describe('server reflection', () => {
  let database: Awaited<ReturnType<typeof testDatabase>>;
  let subject: ServingUnderTest;
  let running: Running;
  beforeAll(async () => {
    database = await testDatabase();
    subject = await ServingUnderTest.open(database.url);
    running = await subject.start();
  });
  afterAll(async () => {
    await running.stop();
    await subject.close();
    await database.drop();
  });

  it.each(['v1', 'v1alpha'])('tells the services and their files by %s, on one stream', async (version) => {
    const definition = loadFileDescriptorSetFromBuffer(Buffer.from(descriptors()), { keepCase: true, defaults: true });
    const { grpc } = loadPackageDefinition(definition) as unknown as {
      readonly grpc: { readonly reflection: Readonly<Record<string, { readonly ServerReflection: StubClass }>> };
    };
    const Stub = grpc.reflection[version]?.ServerReflection as StubClass;
    const stub = new Stub(running.address, credentials.createInsecure());
    const stream = stub.ServerReflectionInfo();
    stream.write({ list_services: '' });
    stream.write({ file_containing_symbol: 'tensorflow.serving.PredictionService' });
    stream.write({ file_containing_symbol: 'no.such.Service' });
    stream.end();
    const answers: Answer[] = [];
    for await (const answer of stream) answers.push(answer as Answer);
    expect(answers[0]?.list_services_response?.service.map(({ name }) => name)).toEqual([
      'adstocrat.serving.v1.BatchService',
      'adstocrat.serving.v1.ClickService',
      'grpc.health.v1.Health',
      'grpc.reflection.v1.ServerReflection',
      'grpc.reflection.v1alpha.ServerReflection',
      'inference.GRPCInferenceService',
      'tensorflow.serving.ModelService',
      'tensorflow.serving.PredictionService',
    ]);
    // The files are a whole image: a client makes its stubs of them.
    const files = answers[1]?.file_descriptor_response?.file_descriptor_proto ?? [];
    const image = Buffer.concat(files.flatMap((file) => [Buffer.of(10), varint(file.length), file]));
    expect(Object.keys(loadFileDescriptorSetFromBuffer(image))).toContain('tensorflow.serving.PredictionService');
    expect(answers[2]?.error_response?.error_code).toBe(5);
    stub.close();
  });
});

/** A protobuf length below 2^21. */
function varint(value: number): Buffer {
  if (value < 128) return Buffer.of(value);
  if (value < 16_384) return Buffer.of((value & 127) | 128, value >> 7);
  return Buffer.of((value & 127) | 128, ((value >> 7) & 127) | 128, value >> 14);
}
