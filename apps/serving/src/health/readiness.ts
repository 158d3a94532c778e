import { setTimeout as sleep } from 'node:timers/promises';
import type { Resource } from '@adstocrat/service-kit';
import type { ModelTable } from '../models/model-table.ts';

/** Least wall milliseconds for which a replaced process goes on: connections that are kept and used end with an answer meanwhile. */
const replacedMs = 2000;

/**
 * Whether this server is to be sent requests, as every protocol tells it. Stopped first of all: it says that it is not, and only after
 * `drainMs` wall milliseconds the servers close, so that whoever asks for health has gone elsewhere by then.
 */
export class Readiness implements Resource {
  readonly name = 'readiness';
  readonly #models: ModelTable;
  readonly #deploymentsKnown: () => boolean;
  readonly #logWritable: () => boolean;
  readonly #drainMs: number;
  readonly #onDrain: () => void;
  readonly #replaced: () => boolean;
  #draining = false;

  constructor(options: {
    readonly models: ModelTable;
    /** Whether it is known what is deployed and what lies in folders of models, and it has been tried to load it. */
    readonly deploymentsKnown: () => boolean;
    readonly logWritable: () => boolean;
    readonly drainMs: number;
    /** Called as soon as requests are to go elsewhere. */
    readonly onDrain: () => void;
    /** Whether another process answers on the same ports: health then stays as it is. Default: none does. */
    readonly replaced?: () => boolean;
  }) {
    this.#models = options.models;
    this.#deploymentsKnown = options.deploymentsKnown;
    this.#logWritable = options.logWritable;
    this.#drainMs = options.drainMs;
    this.#onDrain = options.onDrain;
    this.#replaced = options.replaced ?? (() => false);
  }

  get ready(): boolean {
    return Object.values(this.conditions()).every(Boolean);
  }

  /** True once the servers are about to close: what is answered still is answered on connections that end with it. */
  get draining(): boolean {
    return this.#draining;
  }

  /** What must hold, by name. A model that cannot be loaded stands in no other's way. */
  conditions(): Readonly<Record<string, boolean>> {
    const models = this.#models.list();
    return {
      'prediction log': this.#logWritable(),
      deployments:
        this.#deploymentsKnown() && (models.length === 0 || models.some(({ routing }) => routing !== undefined)),
      'not stopping': !this.#draining || this.#replaced(),
    };
  }

  /** Each model by name: whether a version of it is in force, and answers. */
  models(): Readonly<Record<string, boolean>> {
    return Object.fromEntries(this.#models.list().map(({ name, answers }) => [name, answers]));
  }

  start(): Promise<void> {
    return Promise.resolve();
  }

  async stop(hurry?: AbortSignal): Promise<void> {
    this.#draining = true;
    this.#onDrain();
    const pauseMs = this.#replaced() ? Math.max(this.#drainMs, replacedMs) : this.#drainMs;
    await sleep(pauseMs, undefined, hurry === undefined ? {} : { signal: hurry }).catch(() => undefined);
  }
}
