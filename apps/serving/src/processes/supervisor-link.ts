import cluster from 'node:cluster';
import { basename } from 'node:path';
import { type Resource, ServiceFailure } from '@adstocrat/service-kit';
import { mergedText, metricsText } from '@adstocrat/service-kit/telemetry';
import { Answers } from './answers.ts';
import { inTurn } from './in-turn.ts';
import { Lanes } from './lanes.ts';
import {
  type AnswerAbout,
  answersWithinMs,
  type FromProcess,
  isToProcess,
  type Question,
  type Refused,
  type ToProcess,
} from './process-messages.ts';

const lookMs = 50;
/** Wall milliseconds that the supervisor has beyond those of the processes. */
const supervisorMs = 1000;

/** What this process answers for itself. */
export interface OwnAnswers {
  /** Whether it is to be sent requests. */
  ready(): boolean;
  statistics(): AnswerAbout['statistics'];
  /** Changes nothing any more once it is given up. */
  load(model: string, givenUp: AbortSignal): Promise<boolean>;
  unload(model: string): Promise<boolean>;
  /** Takes the model out of service, or does not put it into service where it is not known yet. */
  keepOut(model: string): Promise<boolean>;
}

/**
 * This process as one of a supervised server: says when it listens and when it is ready, hears that another has taken its place, and
 * asks all of them, itself among them, what they count and to load and unload models. Started last. In a process that nobody supervises it does nothing.
 */
export class SupervisorLink implements Resource {
  readonly name = 'supervisor link';
  readonly supervised = cluster.isWorker;
  readonly #own: OwnAnswers;
  /** Which of the processes this is, in their metrics. */
  readonly #process: string;
  readonly #answers = new Answers<readonly unknown[] | Refused>();
  /** Loads and unloads of this process, by model. */
  readonly #steering = new Lanes();
  #timer: NodeJS.Timeout | undefined;
  #replaced = false;

  constructor(workDir: string, own: OwnAnswers) {
    this.#process = basename(workDir);
    this.#own = own;
  }

  /** Whether this process stops since another answers on its ports: whoever asks for health then need not go elsewhere. */
  get replaced(): boolean {
    return this.#replaced;
  }

  /** What is counted, as Prometheus's text: of a supervised server all processes' series, each with the label `process`. */
  async metricsText(): Promise<string> {
    if (!this.supervised) return metricsText();
    const texts = await this.askAll<'counts'>({ about: 'counts' });
    return mergedText(texts?.filter((text) => text !== null) ?? [this.#ownText()]);
  }

  /**
   * The answers of all processes, null of one that gave none in time. Undefined where the supervisor gives none. `mostMs`: wall milliseconds
   * that whoever asks waits at most; what has not been begun by then is not done. Throws a `ServiceFailure` where too many wait.
   */
  async askAll<About extends Question['about']>(
    question: Question & { readonly about: About },
    mostMs = Infinity,
  ): Promise<readonly (AnswerAbout[About] | null)[] | undefined> {
    const withinMs = Math.min(answersWithinMs(question), mostMs);
    if (!this.supervised) return [(await this.#answer(question, withinMs)) as AnswerAbout[About]];
    const answers = await this.#answers.ask(withinMs + supervisorMs, (id) =>
      tell({ serving: 'asks', id, question, withinMs }),
    );
    if (answers !== undefined && 'refused' in answers) throw new ServiceFailure(answers.code, answers.refused);
    return answers as readonly (AnswerAbout[About] | null)[] | undefined;
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
      case 'asks':
        // What is refused here, as what nobody waits for any more, has not been done.
        void this.#answer(message.question, message.withinMs)
          .catch(() => null)
          .then((answer) => tell({ serving: 'answers', id: message.id, answer }));
        break;
      case 'answers':
        this.#answers.came(message.id, message.answers);
        break;
      case 'refuses':
        this.#answers.came(message.id, message);
        break;
    }
  }

  async #answer(question: Question, withinMs: number): Promise<AnswerAbout[Question['about']]> {
    switch (question.about) {
      case 'counts':
        return this.#ownText();
      case 'statistics':
        return this.#own.statistics();
      case 'load':
      case 'unload':
      case 'keep-out': {
        const { about, model } = question;
        const does = about === 'keep-out' ? 'keepOut' : about;
        return this.#steering.run(model, inTurn(about, model, withinMs), (givenUp) =>
          // It failed, and whoever did it has logged why.
          this.#own[does](model, givenUp).catch(() => false),
        );
      }
    }
  }

  #ownText(): string {
    return metricsText({ process: this.#process });
  }

  #look(): void {
    if (this.#own.ready()) tell({ serving: 'ready' });
    else this.#timer = setTimeout(() => this.#look(), lookMs);
  }
}

/** A supervisor that is gone hears nothing, and the end of the channel stops this process. */
function tell(message: FromProcess): void {
  if (process.connected) process.send?.(message, undefined, undefined, () => undefined);
}
