import { FairTurns, type Waiting } from './fair-turns.ts';
import type { ImageDecoder, ImageJob } from './image-decoder.ts';

/** So many images of its caller wait already that another one is not taken. */
export class ImagePoolFull extends Error {
  override readonly name = 'ImagePoolFull';
}

export interface ImagePoolOptions {
  /** Each holds one decoded image. */
  readonly decoders: readonly ImageDecoder[];
  /** Images of one caller that wait for a decoder, at most. */
  readonly maxWaiting: number;
}

/** Whose an image is, and how many pixels it says that it has: callers have turns by that. */
export interface ImageTurn {
  readonly caller: string;
  readonly pixels: number;
}

/** How an image is asked for. */
export interface ImageAsk {
  /** Absent: nobody's in particular. */
  readonly turn?: ImageTurn;
  /** Images of one name have the same bytes: those that are in progress at once are decoded once. */
  readonly name?: string;
  /**
   * Aborts when nobody needs the image any more: while it waits it is left out then, and rejected with the signal's reason. In a decoder
   * of low priority it is rejected too, and decoded to its end.
   */
  readonly signal?: AbortSignal;
}

const nobody: ImageTurn = { caller: '', pixels: 1 };

interface Asked {
  readonly caller: string;
  readonly resolve: (pixels: Uint8Array) => void;
  readonly reject: (error: unknown) => void;
}

/** An image that waits has a turn of each caller who asked for it: whichever comes first is for all. */
interface Turn {
  readonly caller: string;
  readonly job: Job;
}

interface Job extends ImageJob {
  readonly name: string | undefined;
  readonly asked: Set<Asked>;
  readonly turns: Map<string, Waiting<Turn>>;
}

/** A decoder, and what it is at. */
interface Place {
  readonly decoder: ImageDecoder;
  turn?: Turn | undefined;
}

/**
 * Decodes images and brings them to a size off the event loop, few at once: others' requests go on meanwhile. Callers share the decoders
 * by pixels, however many images one sends, and of several decoders one caller has all but one: what others send need not wait for the end
 * of images that are large.
 */
export class ImagePool {
  readonly #maxWaiting: number;
  readonly #places: readonly Place[];
  readonly #turns = new FairTurns<Turn>();
  /** In progress, by name and size. */
  readonly #named = new Map<string, Job>();

  constructor({ decoders, maxWaiting }: ImagePoolOptions) {
    this.#places = decoders.map((decoder) => ({ decoder }));
    this.#maxWaiting = maxWaiting;
  }

  /** Turns of images that wait for a decoder now. */
  get waiting(): number {
    return this.#turns.waiting;
  }

  /**
   * RGB bytes [size, size, 3] of an image, area-averaged as in training. The bytes are not to be changed meanwhile, and the answer never:
   * others may have it too. Rejects with {@link BadImage}, as `decodeRgb` does, and with {@link ImagePoolFull}.
   */
  resize(bytes: Uint8Array, size: number, { turn = nobody, name, signal }: ImageAsk = {}): Promise<Uint8Array> {
    if (signal?.aborted === true) return Promise.reject(signal.reason as Error);
    const { caller, pixels } = turn;
    const key = name === undefined ? undefined : `${size} ${name}`;
    const job = (key === undefined ? undefined : this.#named.get(key)) ?? {
      bytes,
      size,
      name: key,
      asked: new Set(),
      turns: new Map(),
    };
    if (this.#placeOf(job) === undefined && !job.turns.has(caller)) {
      const waiting = this.#turns.waitingOf(caller);
      if (waiting >= this.#maxWaiting)
        return Promise.reject(new ImagePoolFull(`${waiting} images of this caller wait to be decoded already`));
      job.turns.set(caller, this.#turns.add(caller, pixels, { caller, job }));
    }
    if (key !== undefined) this.#named.set(key, job);
    const { promise, resolve, reject } = Promise.withResolvers<Uint8Array>();
    const asked = { caller, resolve, reject };
    job.asked.add(asked);
    if (signal !== undefined) {
      const leave = (): void => this.#leave(job, asked, signal.reason);
      signal.addEventListener('abort', leave);
      const over = (): void => signal.removeEventListener('abort', leave);
      promise.then(over, over);
    }
    this.#next();
    return promise;
  }

  /** Somebody needs an image no more. What is being decoded is decoded to its end, which soon comes or is not waited for. */
  #leave(job: Job, asked: Asked, reason: unknown): void {
    const place = this.#placeOf(job);
    if ((place !== undefined && !place.decoder.lowPriority) || !job.asked.delete(asked)) return;
    asked.reject(reason);
    const { caller } = asked;
    if ([...job.asked].some((other) => other.caller === caller)) return;
    this.#drop(job, caller);
    if (job.asked.size === 0 && place === undefined) this.#forget(job);
  }

  #drop(job: Job, caller: string): void {
    const turn = job.turns.get(caller);
    if (turn !== undefined) this.#turns.remove(turn);
    job.turns.delete(caller);
  }

  #forget({ name }: Job): void {
    if (name !== undefined) this.#named.delete(name);
  }

  /** Where it is being decoded. */
  #placeOf(job: Job): Place | undefined {
    return this.#places.find(({ turn }) => turn?.job === job);
  }

  #next(): void {
    if (this.#turns.waiting === 0 && this.#places.every(({ turn }) => turn === undefined)) this.#turns.rest();
    while (this.#turns.waiting > 0) {
      const place = this.#places.find(({ turn }) => turn === undefined);
      if (place === undefined) return;
      const turn = this.#turns.next((caller) => this.#mayWork(caller));
      if (turn === undefined) return;
      void this.#decode(place, turn);
    }
  }

  #mayWork(caller: string): boolean {
    const working = this.#places.filter(({ turn }) => turn?.caller === caller).length;
    return working < Math.max(1, this.#places.length - 1);
  }

  async #decode(place: Place, turn: Turn): Promise<void> {
    place.turn = turn;
    const { job } = turn;
    for (const caller of [...job.turns.keys()]) this.#drop(job, caller);
    const [answer] = await Promise.allSettled([place.decoder.resize(job)]);
    place.turn = undefined;
    this.#forget(job);
    for (const { resolve, reject } of job.asked) {
      if (answer.status === 'fulfilled') resolve(answer.value);
      else reject(answer.reason);
    }
    this.#next();
  }
}
