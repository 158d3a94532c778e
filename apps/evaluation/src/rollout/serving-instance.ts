import { type ChannelCredentials, Metadata, type ServiceError, status } from '@grpc/grpc-js';
import type { InstanceAnswer } from '@adstocrat/rollouts';
import { tensorflowServing as tfs } from '@adstocrat/schemas';

const State = tfs.ModelVersionStatus_State;

/** What one serving instance says of a version. */
export type InstanceState = Pick<InstanceAnswer, 'state' | 'reason'>;

export interface InstanceOptions {
  /** How to reach it. */
  readonly channel: ChannelCredentials;
  /** What the services of the system show each other. */
  readonly token: string | undefined;
  /** Wall milliseconds after which an instance that has not answered counts as unreachable. */
  readonly deadlineMs: number;
}

/** One serving process, asked by TensorFlow Serving's GetModelStatus. */
export class ServingInstance {
  readonly url: string;
  readonly #client: tfs.ModelServiceClient;
  readonly #deadlineMs: number;
  readonly #metadata = new Metadata();

  /** `url`: HOST:PORT. */
  constructor(url: string, { channel, token, deadlineMs }: InstanceOptions) {
    this.url = url;
    this.#client = new tfs.ModelServiceClient(url, channel);
    this.#deadlineMs = deadlineMs;
    if (token !== undefined) this.#metadata.set('authorization', `Bearer ${token}`);
  }

  /** Never throws: an instance that cannot be asked is `unreachable`. */
  async ask(model: string, version: number): Promise<InstanceState> {
    try {
      return stateOf(await this.#status(model, version), version);
    } catch (error) {
      const { code, details } = error as Partial<ServiceError>;
      if (code === status.NOT_FOUND) return { state: 'loading', reason: 'not told of it yet' };
      if (code === status.DEADLINE_EXCEEDED)
        return { state: 'unreachable', reason: `no answer within ${this.#deadlineMs} ms` };
      return { state: 'unreachable', reason: details ?? String(error) };
    }
  }

  close(): void {
    this.#client.close();
  }

  #status(model: string, version: number): Promise<tfs.GetModelStatusResponse> {
    const request = tfs.GetModelStatusRequest.create({
      modelSpec: { name: model, version: BigInt(version), signatureName: '' },
    });
    return new Promise((resolve, reject) => {
      const options = { deadline: Date.now() + this.#deadlineMs };
      this.#client.getModelStatus(request, this.#metadata, options, (error, response) => {
        if (error === null) resolve(response);
        else reject(error);
      });
    });
  }
}

function stateOf({ modelVersionStatus }: tfs.GetModelStatusResponse, version: number): InstanceState {
  const found = modelVersionStatus.find((one) => Number(one.version) === version);
  if (found?.state === State.AVAILABLE) return { state: 'available', reason: '' };
  const failure = found?.status?.errorMessage ?? '';
  if (found?.state === State.END && failure !== '') return { state: 'failed', reason: failure };
  return { state: 'loading', reason: '' };
}
