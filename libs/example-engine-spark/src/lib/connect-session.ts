import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { credentials, type ServiceError } from '@grpc/grpc-js';
import { type Table, tableFromIPC } from 'apache-arrow';
import {
  SparkConnectServiceClient,
  type ExecutePlanResponse,
  InterruptRequest_InterruptType,
} from '../gen/spark/connect/base.ts';
import type { Command } from '../gen/spark/connect/commands.ts';
import type { Relation } from '../gen/spark/connect/relations.ts';

/** A batch of rows may be as large as Spark makes it: 4 MiB by its own setting, and a row of any length. */
const mostBytes = 1 << 29;

/** A session on a server that speaks Spark Connect. A new one costs seconds on Spark: an engine keeps its own to its end. */
export class ConnectSession {
  readonly #client: SparkConnectServiceClient;
  readonly #address: string;
  readonly #signal: AbortSignal | undefined;
  readonly #who = { sessionId: randomUUID(), userContext: { userId: 'adstocrat' }, clientType: 'adstocrat' };

  #used = false;

  constructor(url: string, signal?: AbortSignal) {
    this.#address = addressOf(url);
    this.#signal = signal;
    this.#client = new SparkConnectServiceClient(this.#address, credentials.createInsecure(), {
      'grpc.max_receive_message_length': mostBytes,
      'grpc.max_send_message_length': mostBytes,
    });
    signal?.addEventListener('abort', this.#interrupt);
  }

  /** A relation's rows, as they come: no more is asked for than is taken. */
  async *rows(root: Relation): AsyncGenerator<Table> {
    for await (const { arrowBatch } of this.#execute({ root }))
      if (arrowBatch?.data !== undefined) yield tableFromIPC(arrowBatch.data);
  }

  async run(command: Command): Promise<void> {
    for await (const _ of this.#execute({ command }));
  }

  /** A server that is away has nothing to release. */
  async close(): Promise<void> {
    this.#signal?.removeEventListener('abort', this.#interrupt);
    if (this.#used)
      await once(
        this.#client.releaseSession(this.#who, () => undefined),
        'status',
      );
    this.#client.close();
  }

  readonly #interrupt = (): void => {
    const interruptType = InterruptRequest_InterruptType.INTERRUPT_TYPE_ALL;
    this.#client.interrupt({ ...this.#who, interruptType }, () => undefined);
  };

  async *#execute(
    plan: { readonly root: Relation } | { readonly command: Command },
  ): AsyncGenerator<ExecutePlanResponse> {
    this.#signal?.throwIfAborted();
    this.#used = true;
    const call = this.#client.executePlan({ ...this.#who, plan });
    try {
      for await (const response of call) yield response as ExecutePlanResponse;
    } catch (error) {
      this.#signal?.throwIfAborted();
      throw new Error(`Spark at ${this.#address}: ${firstLines((error as ServiceError).details)}`, { cause: error });
    } finally {
      call.cancel();
    }
    this.#signal?.throwIfAborted();
  }
}

/** `host:port` of `sc://host:port`. Throws `TypeError` for what is none. */
function addressOf(url: string): string {
  const [, host, port = '15002'] = /^sc:\/\/([^/:;]+)(?::(\d+))?\/?$/.exec(url) ?? [];
  if (host === undefined)
    throw new TypeError(
      `a Spark Connect server is named by sc://host:port, without user, path or parameters, got ${url}`,
    );
  return `${host}:${port}`;
}

/** Spark tells what happened first, then the stack. */
function firstLines(details: string | undefined): string {
  return (details ?? 'no answer')
    .split('\n')
    .filter((line) => !/^\s*at /.test(line))
    .slice(0, 12)
    .join('\n');
}
