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
 * Requests at a steady pace, half over gRPC and half over REST, from clients that know nothing of the servers' stops: grpc-js's own
 * `round_robin`, and a pool of kept connections which takes the next server where one refuses connections. Neither asks twice.
 */
export class SteadyLoad {
  readonly #targets: readonly LoadTarget[];
  readonly #predictions: tfs.PredictionServiceClient;
  readonly #agent = new Agent({ keepAlive: true });
  readonly #asked: Promise<void>[] = [];
  readonly #failures: string[] = [];
  readonly #timer: NodeJS.Timeout;
  #answered = 0;

  constructor(targets: readonly LoadTarget[], perSecond = 120) {
    this.#targets = targets;
    this.#predictions = new tfs.PredictionServiceClient(
      `ipv4:${targets.map(({ address }) => address).join(',')}`,
      credentials.createInsecure(),
      { 'grpc.service_config': JSON.stringify({ loadBalancingConfig: [{ round_robin: {} }] }) },
    );
    this.#timer = setInterval(() => this.#askBoth(), 2000 / perSecond);
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
    await Promise.all(this.#asked);
    this.#predictions.close();
    this.#agent.destroy();
    return { answered: this.#answered, failures: this.#failures };
  }

  #askBoth(): void {
    this.#asked.push(this.#counted('gRPC', ask(this, { price: numbers(10) })));
    this.#asked.push(this.#counted('REST', this.#askRest(this.#asked.length % this.#targets.length)));
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

  async #askRest(first: number): Promise<void> {
    for (let offset = 0; ; offset += 1) {
      const target = this.#targets[(first + offset) % this.#targets.length];
      try {
        return await this.#post(`${target?.rest ?? ''}/v1/models/ads:predict`);
      } catch (error) {
        // Nothing was sent yet: whoever balances takes the next one.
        const elsewhere = (error as NodeJS.ErrnoException).code === 'ECONNREFUSED';
        if (!elsewhere || offset + 1 >= this.#targets.length) throw error;
      }
    }
  }

  #post(url: string): Promise<void> {
    return new Promise((resolve, reject) => {
      const call = request(url, { method: 'POST', agent: this.#agent }, (response) => {
        let body = '';
        response.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
        response.once('error', reject);
        response.once('end', () => {
          if (response.statusCode === 200) resolve();
          else reject(new Error(`${String(response.statusCode)} ${body}`));
        });
      });
      call.once('error', reject);
      call.end('{"instances": [{"price": 10}]}');
    });
  }
}
