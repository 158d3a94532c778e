import { Agent, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { credentials } from '@grpc/grpc-js';
import { tensorflowServing as tfs } from '@adstocrat/schemas';
import { ask, numbers } from './serving-under-test.ts';

/** What a load came to. */
export interface LoadResult {
  readonly answered: number;
  /** What went wrong, in words; empty where every request was answered. */
  readonly failures: readonly string[];
}

/** One server of those that a load is spread over. */
export interface LoadTarget {
  /** host:port of gRPC. */
  readonly address: string;
  /** http://host:port of REST. */
  readonly rest: string;
}

/**
 * Requests at a steady pace, half over gRPC and half over REST, from clients that know nothing of the servers' stops but what
 * protocols say: grpc-js's own `round_robin`; and a pool of kept connections, which asks the servers in turn that `/v2/health/ready`
 * says are there, and sends again what met the end of a connection that was kept, as Node's documentation of `reusedSocket` advises.
 */
export class SteadyLoad {
  readonly #predictions: tfs.PredictionServiceClient;
  readonly #agent = new Agent({ keepAlive: true });
  readonly #asked: Promise<void>[] = [];
  readonly #failures: string[] = [];
  readonly #timer: NodeJS.Timeout;
  readonly #ready: Set<LoadTarget>;
  readonly #looking: NodeJS.Timeout;
  #answered = 0;

  constructor(targets: readonly LoadTarget[], perSecond = 120) {
    this.#predictions = new tfs.PredictionServiceClient(
      `ipv4:${targets.map(({ address }) => address).join(',')}`,
      credentials.createInsecure(),
      { 'grpc.service_config': JSON.stringify({ loadBalancingConfig: [{ round_robin: {} }] }) },
    );
    this.#ready = new Set(targets);
    this.#timer = setInterval(() => this.#askBoth(), 2000 / perSecond);
    this.#looking = setInterval(() => targets.forEach((target) => void this.#look(target)), 100);
  }

  /** Requests answered so far. */
  get answered(): number {
    return this.#answered;
  }

  /** Resolves once so many more have been answered. */
  async more(count: number): Promise<void> {
    for (const until = this.#answered + count; this.#answered < until && this.#failures.length === 0;) await sleep(5);
  }

  async stop(): Promise<LoadResult> {
    clearInterval(this.#timer);
    clearInterval(this.#looking);
    await Promise.all(this.#asked);
    this.#predictions.close();
    this.#agent.destroy();
    return { answered: this.#answered, failures: this.#failures };
  }

  #askBoth(): void {
    this.#asked.push(this.#counted('gRPC', ask(this, { price: numbers(10) })));
    this.#asked.push(this.#counted('REST', this.#askRest(this.#asked.length >> 1)));
  }

  get predictions(): tfs.PredictionServiceClient {
    return this.#predictions;
  }

  async #counted(protocol: string, asked: Promise<unknown>): Promise<void> {
    try {
      await asked;
      this.#answered += 1;
    } catch (error) {
      this.#failures.push(`${protocol}: ${(error as Error).message}`);
    }
  }

  /** In this process each look costs a connection: not one of those that are asked over. */
  async #look(target: LoadTarget): Promise<void> {
    const answer = await fetch(`${target.rest}/v2/health/ready`, { headers: { connection: 'close' } }).catch(
      () => undefined,
    );
    await answer?.arrayBuffer().catch(() => undefined);
    if (answer?.ok === true) this.#ready.add(target);
    else this.#ready.delete(target);
  }

  async #askRest(turn: number): Promise<void> {
    const ready = [...this.#ready];
    const target = ready[turn % ready.length];
    if (target === undefined) throw new Error('no server is ready');
    const url = `${target.rest}/v1/models/ads:predict`;
    while (!(await this.#post(url)));
  }

  /** False where a kept connection had just been closed: nothing came back over it. */
  #post(url: string): Promise<boolean> {
    return new Promise((resolve, reject) => {
      const call = request(url, { method: 'POST', agent: this.#agent }, (response) => {
        let body = '';
        response.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
        response.once('error', reject);
        response.once('end', () => {
          if (response.statusCode === 200) resolve(true);
          else reject(new Error(`${String(response.statusCode)} ${body}`));
        });
      });
      call.once('error', (error: NodeJS.ErrnoException) => {
        if (call.reusedSocket && error.code === 'ECONNRESET') resolve(false);
        else reject(error);
      });
      call.end('{"instances": [{"price": 10}]}');
    });
  }
}
