import cluster from 'node:cluster';
import { basename } from 'node:path';
import type { Resource } from '@adstocrat/service-kit';
import { mergedText, metricsText } from '@adstocrat/service-kit/telemetry';
import { Answers } from './answers.ts';
import { type FromProcess, isToProcess, type ToProcess } from './process-messages.ts';

const lookMs = 50;
/** Wall milliseconds within which the supervisor says what all count: longer than it waits for each. */
const countWithinMs = 2000;

/**
 * This process as one of a supervised server: says when it listens and when it is ready, hears that another has taken its place, and
 * knows what all of them count. Started last. In a process that nobody supervises it does nothing.
 */
export class SupervisorLink implements Resource {
  readonly name = 'supervisor link';
  readonly supervised = cluster.isWorker;
  readonly #ready: () => boolean;
  /** Which of the processes this is, in their metrics. */
  readonly #process: string;
  readonly #counts = new Answers<readonly string[]>(countWithinMs);
  #timer: NodeJS.Timeout | undefined;
  #replaced = false;

  constructor(workDir: string, ready: () => boolean) {
    this.#process = basename(workDir);
    this.#ready = ready;
  }

  /** Whether this process stops since another answers on its ports: whoever asks for health then need not go elsewhere. */
  get replaced(): boolean {
    return this.#replaced;
  }

  /** What is counted, as Prometheus's text: of a supervised server all processes' series, each with the label `process`. */
  async metricsText(): Promise<string> {
    if (!this.supervised) return metricsText();
    const texts = await this.#counts.ask((id) => tell({ serving: 'asks for counts', id }));
    return mergedText(texts ?? [this.#ownText()]);
  }

  start(): Promise<void> {
    const { worker } = cluster;
    if (worker === undefined) return Promise.resolve();
    // Else Node ends this process, with its calls in progress, in the moment in which the supervisor is gone.
    worker.exitedAfterDisconnect = true;
    process.on('message', (message) => {
      if (isToProcess(message)) this.#hear(message);
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

  #hear(message: ToProcess): void {
    switch (message.serving) {
      case 'retire':
        this.#replaced = true;
        process.kill(process.pid, 'SIGTERM');
        break;
      case 'asks for counts':
        tell({ serving: 'counts', id: message.id, text: this.#ownText() });
        break;
      case 'counts':
        this.#counts.came(message.id, message.texts);
        break;
    }
  }

  #ownText(): string {
    return metricsText({ process: this.#process });
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
