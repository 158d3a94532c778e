import type { ServiceDefinition, UntypedServiceImplementation } from '@grpc/grpc-js';
import { errorText } from '../error-text.ts';
import { bidirectional } from '../grpc-handlers.ts';
import type { Logger } from '../logger.ts';
import { statusCode } from '../status-code.ts';
import { DescriptorIndex } from './descriptor-index.ts';
import { decodeRequest, encodeAnswer, type ReflectionAnswer, type ReflectionRequest } from './reflection-messages.ts';

export interface ReflectionOptions {
  /** A serialized google.protobuf.FileDescriptorSet that declares the services, with all imports. */
  readonly descriptors: Uint8Array;
  /** Full names of the services that the server answers beside reflection. */
  readonly services: readonly string[];
  readonly logger: Logger;
}

const packages = ['grpc.reflection.v1', 'grpc.reflection.v1alpha'];

/** gRPC's server reflection, in both of its versions: a client learns what the server answers from the server itself. */
export function reflectionServices({ descriptors, services, logger }: ReflectionOptions): readonly {
  readonly definition: ServiceDefinition;
  readonly implementation: UntypedServiceImplementation;
}[] {
  const index = new DescriptorIndex(descriptors);
  const names = [...services, ...packages.map((name) => `${name}.ServerReflection`)].toSorted();
  const serverReflectionInfo = bidirectional<ReflectionRequest, Uint8Array>(logger, async function* (requests) {
    for await (const request of requests) yield encodeAnswer(request, answerOf(request, index, names));
  });
  return packages.map((name) => ({
    definition: {
      serverReflectionInfo: {
        path: `/${name}.ServerReflection/ServerReflectionInfo`,
        requestStream: true,
        responseStream: true,
        requestDeserialize: decodeRequest,
        requestSerialize: ({ original }: ReflectionRequest) => Buffer.from(original),
        responseSerialize: (answer: Uint8Array) => Buffer.from(answer),
        responseDeserialize: (answer: Uint8Array) => answer,
      },
    },
    implementation: { serverReflectionInfo },
  }));
}

function answerOf(
  { asks, name }: ReflectionRequest,
  index: DescriptorIndex,
  services: readonly string[],
): ReflectionAnswer {
  switch (asks) {
    case 'listServices':
      return { services };
    case 'fileByFilename':
      return filesOr(index.byName(name), name);
    case 'fileContainingSymbol':
      return filesOr(index.bySymbol(name), name);
    case 'allExtensionNumbersOfType':
      // There are no extensions in proto3.
      return index.hasMessage(name) ? { extendable: name } : filesOr(undefined, name);
    case 'fileContainingExtension':
      return { code: statusCode.notFound, message: 'no message here has extensions' };
    default:
      return { code: statusCode.invalidArgument, message: 'the request asks for nothing that is known' };
  }
}

function filesOr(files: readonly Uint8Array[] | undefined, name: string): ReflectionAnswer {
  return files === undefined ? { code: statusCode.notFound, message: errorText(`not found: ${name}`) } : { files };
}
