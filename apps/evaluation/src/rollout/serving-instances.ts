import { type ChannelCredentials, credentials } from '@grpc/grpc-js';
import { type CandidateInServing, togetherInServing } from '@adstocrat/rollouts';
import type { Resource } from '@adstocrat/service-kit';
import { ServingInstance } from './serving-instance.ts';

/** Wall milliseconds that one instance has to answer. All are asked at once. */
const deadlineMs = 2_000;

/** Wall milliseconds without a break for which an unreachable instance holds a rollout up, as long as another answers. */
const patienceMs = 30_000;

/** Asks serving how a version is doing. Never throws: what cannot be asked is `unreachable`. */
export type AskServing = (model: string, version: number) => Promise<CandidateInServing>;

export interface AskServingOptions {
  /** HOST:PORT of every instance, at least one. */
  readonly urls: readonly string[];
  /** How to reach them. Default: plainly. */
  readonly channel?: ChannelCredentials;
  /** What the services of the system show each other. */
  readonly token?: string | undefined;
  readonly deadlineMs?: number;
  readonly patienceMs?: number;
  /** Wall milliseconds, never decreasing. Default: the process's own. */
  readonly monotonicMs?: () => number;
}

/** Every serving instance, asked together: see `togetherInServing` for what follows from their answers. */
export class ServingInstances implements Resource {
  readonly name = 'serving client';
  readonly #instances: readonly ServingInstance[];
  readonly #awaySinceMs = new Map<string, number>();
  readonly #patienceMs: number;
  readonly #monotonicMs: () => number;

  constructor(options: AskServingOptions) {
    const { urls, token, channel = credentials.createInsecure() } = options;
    const asking = { channel, token, deadlineMs: options.deadlineMs ?? deadlineMs };
    this.#instances = urls.map((url) => new ServingInstance(url, asking));
    this.#patienceMs = options.patienceMs ?? patienceMs;
    this.#monotonicMs = options.monotonicMs ?? (() => performance.now());
  }

  /** See {@link AskServing}. Takes as long as the slowest instance, at most the deadline. */
  async ask(model: string, version: number): Promise<CandidateInServing> {
    const answers = await Promise.all(
      this.#instances.map(async (instance) => {
        const answer = await instance.ask(model, version);
        return {
          instance: instance.url,
          state: answer.state,
          reason: answer.reason,
          unreachableMs: this.#unreachableMs(instance.url, answer.state === 'unreachable'),
        };
      }),
    );
    return togetherInServing(answers, this.#patienceMs);
  }

  /** Connects with the first question. */
  start(): Promise<void> {
    return Promise.resolve();
  }

  stop(): Promise<void> {
    for (const instance of this.#instances) instance.close();
    return Promise.resolve();
  }

  /** How long an instance has been unreachable, as far as this process has seen. */
  #unreachableMs(url: string, unreachable: boolean): number {
    const nowMs = this.#monotonicMs();
    if (!unreachable) {
      this.#awaySinceMs.delete(url);
      return 0;
    }
    const sinceMs = this.#awaySinceMs.get(url) ?? nowMs;
    this.#awaySinceMs.set(url, sinceMs);
    return nowMs - sinceMs;
  }
}
