import { Agent } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { credentials } from '@grpc/grpc-js';
import { tensorflowServing as tfs } from '@adstocrat/schemas';
import { type OneAnswer, oneRowByGrpc, oneRowByRest } from './one-row.ts';

/** One server of those that a load is spread over. */
export interface LoadTarget {
  /** host:port of gRPC. */
  readonly address: string;
  /** http://host:port of REST. */
  readonly rest: string;
}

/** What a load came to. */
export interface LoadResult {
  readonly answered: number;
  /** What went wrong, in words; empty where every request was answered as it should. */
  readonly failures: readonly string[];
}

export interface LoadOptions {
  /** Requests a second, half of them over each protocol. Default: 120. */
  readonly perSecond?: number;
  /** What is wrong with an answer; undefined where nothing is. */
  readonly fault?: (answer: OneAnswer) => string | undefined;
}

/**
 * Requests for model "ads" at a steady pace, half over gRPC and half over REST, from clients that know nothing of the servers' stops
 * but what protocols say: grpc-js's own `round_robin`; and a pool of kept connections, which asks the servers in turn that
 * `/v2/health/ready` says are there, and sends again what met the end of a connection that was kept, as Node's documentation of
 * `reusedSocket` advises.
 */
export class SteadyLoad {
  readonly #predictions: tfs.PredictionServiceClient;
  readonly #agent = new Agent({ keepAlive: true });
  readonly #ready: Set<LoadTarget>;
  readonly #fault: (answer: OneAnswer) => string | undefined;
  readonly #open = new Set<Promise<void>>();
  readonly #failures: string[] = [];
  readonly #timers: readonly NodeJS.Timeout[];
  #asked = 0;
  #answered = 0;
  /** Of the last answer over gRPC. */
  lastVersion = 0;

  constructor(targets: readonly LoadTarget[], { perSecond = 120, fault = () => undefined }: LoadOptions = {}) {
    this.#fault = fault;
    this.#predictions = new tfs.PredictionServiceClient(
      `ipv4:${targets.map(({ address }) => address).join(',')}`,
      credentials.createInsecure(),
      { 'grpc.service_config': JSON.stringify({ loadBalancingConfig: [{ round_robin: {} }] }) },
    );
    this.#ready = new Set(targets);
    this.#timers = [
      setInterval(() => this.#askBoth(), 2000 / perSecond),
      setInterval(() => targets.forEach((target) => void this.#look(target)), 100),
    ];
  }

  /** Resolves once so many more have been answered, or one has failed. */
  async more(count: number): Promise<void> {
    await this.until(
      (
        (end) => () =>
          this.#answered >= end
      )(this.#answered + count),
    );
  }

  /** Resolves once it holds, or a request has failed. */
  async until(holds: () => boolean): Promise<void> {
    while (!holds() && this.#failures.length === 0) await sleep(5);
  }

  async stop(): Promise<LoadResult> {
    for (const timer of this.#timers) clearInterval(timer);
    await Promise.all(this.#open);
    this.#predictions.close();
    this.#agent.destroy();
    return { answered: this.#answered, failures: this.#failures };
  }

  #askBoth(): void {
    this.#asked += 1;
    const byGrpc = oneRowByGrpc(this.#predictions).then((answer) => {
      this.lastVersion = answer.version;
      return answer;
    });
    for (const asked of [this.#counted('gRPC', byGrpc), this.#counted('REST', this.#askRest(this.#asked))]) {
      this.#open.add(asked);
      void asked.then(() => this.#open.delete(asked));
    }
  }

  async #counted(protocol: string, asked: Promise<OneAnswer>): Promise<void> {
    try {
      const fault = this.#fault(await asked);
      if (fault === undefined) this.#answered += 1;
      else this.#failures.push(`${protocol}: ${fault}`);
    } catch (error) {
      this.#failures.push(`${protocol}: ${(error as Error).message}`);
    }
  }

  /** Over a connection of its own. */
  async #look(target: LoadTarget): Promise<void> {
    const headers = { connection: 'close' };
    const answer = await fetch(`${target.rest}/v2/health/ready`, { headers }).catch(() => undefined);
    await answer?.arrayBuffer().catch(() => undefined);
    if (answer?.ok === true) this.#ready.add(target);
    else this.#ready.delete(target);
  }

  async #askRest(turn: number): Promise<OneAnswer> {
    for (;;) {
      const ready = [...this.#ready];
      const target = ready[turn % ready.length];
      if (target === undefined) throw new Error('no server is ready');
      const answer = await oneRowByRest(target.rest, this.#agent);
      if (answer !== undefined) return answer;
    }
  }
}
