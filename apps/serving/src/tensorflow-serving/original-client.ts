import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type ChannelCredentials,
  type Client,
  credentials,
  loadPackageDefinition,
  type ServiceError,
} from '@grpc/grpc-js';
import { loadFileDescriptorSetFromBuffer } from '@grpc/proto-loader';

type Message = Readonly<Record<string, unknown>>;
type Call = (request: object, callback: (error: ServiceError | null, answer: Message) => void) => void;
type Stub = Client & Readonly<Record<string, Call>>;
type StubClass = new (address: string, credentials: ChannelCredentials) => Stub;

const image = join(import.meta.dirname, '../../../../libs/schemas/wire-facts/tensorflow-serving.binpb');

/** A client of TensorFlow Serving's original descriptors, none of this project's: for specs. Names as in the .proto, int64 as text. */
export class OriginalClient {
  readonly #stubs: readonly Stub[];

  constructor(address: string) {
    const definition = loadFileDescriptorSetFromBuffer(readFileSync(image), {
      keepCase: true,
      longs: String,
      enums: String,
      defaults: true,
      oneofs: true,
    });
    const { tensorflow } = loadPackageDefinition(definition) as unknown as {
      readonly tensorflow: { readonly serving: Readonly<Record<'PredictionService' | 'ModelService', StubClass>> };
    };
    const { PredictionService, ModelService } = tensorflow.serving;
    this.#stubs = [PredictionService, ModelService].map(
      (Service) => new Service(address, credentials.createInsecure()),
    );
  }

  /** Rejects with the ServiceError as it came. */
  call(method: string, request: object): Promise<Message> {
    const stub = this.#stubs.find((one) => method in one);
    return new Promise((resolve, reject) => {
      stub?.[method]?.(request, (error, answer) => {
        if (error === null) resolve(answer);
        else reject(error);
      });
    });
  }

  close(): void {
    for (const stub of this.#stubs) stub.close();
  }
}
