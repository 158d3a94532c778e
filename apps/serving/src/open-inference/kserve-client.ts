import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type ChannelCredentials,
  type Client,
  credentials,
  loadPackageDefinition,
  type Metadata,
  type ServiceError,
} from '@grpc/grpc-js';
import { loadFileDescriptorSetFromBuffer } from '@grpc/proto-loader';

type Call = (
  request: object,
  metadata: Metadata,
  callback: (error: ServiceError | null, answer: Readonly<Record<string, unknown>>) => void,
) => void;

const image = join(import.meta.dirname, '../../../../libs/schemas/wire-facts/kserve.binpb');

/** A client of KServe's original descriptors, none of this project's: for specs. */
export class KServeClient {
  readonly #client: Client & Readonly<Record<string, Call>>;

  constructor(address: string) {
    // Names as in the .proto, 64-bit integers as text.
    const definition = loadFileDescriptorSetFromBuffer(readFileSync(image), {
      keepCase: true,
      longs: String,
      defaults: true,
    });
    const { inference } = loadPackageDefinition(definition) as unknown as {
      readonly inference: {
        readonly GRPCInferenceService: new (
          address: string,
          credentials: ChannelCredentials,
        ) => Client & Readonly<Record<string, Call>>;
      };
    };
    this.#client = new inference.GRPCInferenceService(address, credentials.createInsecure());
  }

  /** Rejects with the ServiceError as it came. */
  call(method: string, request: object, metadata: Metadata): Promise<Readonly<Record<string, unknown>>> {
    return new Promise((resolve, reject) => {
      this.#client[method]?.(request, metadata, (error, answer) => {
        if (error === null) resolve(answer);
        else reject(error);
      });
    });
  }

  close(): void {
    this.#client.close();
  }
}
