import cluster from 'node:cluster';
import type { Resource } from '@adstocrat/service-kit';
import { type FromProcess, isToProcess } from './process-messages.ts';

const lookMs = 50;

/**
 * This process as one of a supervised server: says when it listens and when it is ready, and hears that another has taken its place.
 * Started last. In a process that nobody supervises it does nothing.
 */
export class SupervisorLink implements Resource {
  readonly name = 'supervisor link';
  readonly supervised = cluster.isWorker;
  readonly #ready: () => boolean;
  #timer: NodeJS.Timeout | undefined;
  #replaced = false;

  constructor(ready: () => boolean) {
    this.#ready = ready;
  }

  /** Whether this process stops since another answers on its ports: whoever asks for health then need not go elsewhere. */
  get replaced(): boolean {
    return this.#replaced;
  }

  start(): Promise<void> {
    const { worker } = cluster;
    if (worker === undefined) return Promise.resolve();
    // Else Node ends this process, with its calls in progress, in the moment in which the supervisor is gone.
    worker.exitedAfterDisconnect = true;
    process.on('message', (message) => {
      if (!isToProcess(message)) return;
      this.#replaced = true;
      process.kill(process.pid, 'SIGTERM');
    });
    // It is the supervisor's, and would end this process where it is sent to all of a group.
    process.on('SIGHUP', () => undefined);
    tell({ serving: 'listens' });
    this.#look();
    return Promise.resolve();
  }

  stop(): Promise<void> {
    clearTimeout(this.#timer);
    return Promise.resolve();
  }

  #look(): void {
    if (this.#ready()) tell({ serving: 'ready' });
    else this.#timer = setTimeout(() => this.#look(), lookMs);
  }
}

/** A supervisor that is gone hears nothing, and the end of the channel stops this process. */
function tell(message: FromProcess): void {
  if (process.connected) process.send?.(message, undefined, undefined, () => undefined);
}
