import { createHash } from 'node:crypto';
import type { Column } from '@adstocrat/examples';
import { BadImage, type ImageAsk, type ImageTurn, sharedImagePool } from '@adstocrat/image-codec';
import type { ImageInput } from '@adstocrat/models';
import { type ImageTransform, normalizePixels, textAt } from '@adstocrat/transforms';
import type { ModelSession } from './onnx-session.ts';

/** Who asks for images that were sent along. */
export interface SentFor {
  /** Whose an image is: callers have turns. */
  readonly turnOf?: (image: Uint8Array) => ImageTurn;
  /** Aborts when nobody needs the vectors any more: images that still wait to be decoded are left out then. */
  readonly signal?: AbortSignal;
}

/** Vectors of images sent along that are kept, newest first. */
const keptVectors = 4096;

/**
 * What the image tower says of each row's image. Images known by name are put through the tower when they are first asked
 * for, then kept; images sent along are kept by content.
 */
export class ImageVectors {
  readonly width: number;
  readonly #transform: ImageTransform;
  readonly #tower: ModelSession;
  readonly #byName: ReadonlyMap<string, number>;
  readonly #pixels: Uint8Array;
  readonly #known: (Promise<Float32Array> | undefined)[] = [];
  readonly #sent = new Map<string, Promise<Float32Array>>();

  constructor(options: {
    readonly input: ImageInput;
    readonly transform: ImageTransform;
    readonly tower: ModelSession;
    readonly images: Readonly<Record<string, number>>;
    readonly pixels: Uint8Array;
  }) {
    this.width = options.input.width;
    this.#transform = options.transform;
    this.#tower = options.tower;
    this.#byName = new Map(Object.entries(options.images));
    this.#pixels = options.pixels;
  }

  /** True where the image column's value names an image that travels with the servable. */
  knows(value: string): boolean {
    return this.#byName.has(value);
  }

  /**
   * float [rows, width]; zeros for a row without an image, as in training. Throws `BadImage` naming the row for bytes that are none, of
   * the first such row, and the signal's reason. Images behind a bad one are not decoded where they still wait, and nothing is thrown
   * before all images are done with but those in a process of low priority: who asked counts their pixels until then.
   */
  async of(
    column: Column | undefined,
    rows: number,
    sent?: readonly (Uint8Array | null | undefined)[],
    { turnOf, signal }: SentFor = {},
  ): Promise<Float32Array> {
    const out = new Float32Array(rows * this.width);
    const asked = new Map<number, AbortController>();
    const leave = (reason: unknown, firstRow = 0): void => {
      for (const [row, controller] of asked) if (row >= firstRow) controller.abort(reason);
    };
    const ofSent = async (bytes: Uint8Array, row: number): Promise<Float32Array> => {
      const controller = new AbortController();
      asked.set(row, controller);
      const turn = turnOf?.(bytes);
      try {
        return await this.#ofBytes(bytes, { signal: controller.signal, ...(turn !== undefined && { turn }) });
      } catch (error) {
        if (!(error instanceof BadImage)) {
          leave(error);
          throw error;
        }
        // An earlier row may be at fault too, and is named then.
        leave(error, row + 1);
        // Images are shared by content: which row it is, each request says for itself.
        throw new BadImage(error.message, { cause: error, row });
      }
    };
    const put = async (row: number): Promise<void> => {
      const bytes = sent?.[row];
      const name = bytes == null ? textAt(column, row) : null;
      const index = name === null ? undefined : this.#byName.get(name);
      if (bytes != null && bytes.length > 0) out.set(await ofSent(bytes, row), row * this.width);
      else if (index !== undefined) out.set(await this.#ofKnown(index), row * this.width);
    };
    const ended = Promise.allSettled(Array.from({ length: rows }, (_, row) => put(row)));
    const onAbort = (): void => leave(signal?.reason);
    signal?.addEventListener('abort', onAbort);
    const failure = (await ended).find((one) => one.status === 'rejected');
    signal?.removeEventListener('abort', onAbort);
    if (failure !== undefined) throw failure.reason;
    return out;
  }

  #ofKnown(index: number): Promise<Float32Array> {
    const size = this.#transform.size ** 2 * 3;
    return (this.#known[index] ??= this.#run(this.#pixels.subarray(index * size, (index + 1) * size)));
  }

  async #ofBytes(bytes: Uint8Array, ask: ImageAsk): Promise<Float32Array> {
    const digest = createHash('sha256').update(bytes).digest('base64');
    const known = this.#sent.get(digest);
    if (known !== undefined) return this.#keep(digest, known);
    const pixels = await sharedImagePool.resize(bytes, this.#transform.size, { ...ask, name: digest });
    // Others who waited for the same image may have come first.
    return this.#keep(digest, this.#sent.get(digest) ?? this.#run(pixels));
  }

  /** As the newest. */
  #keep(digest: string, vector: Promise<Float32Array>): Promise<Float32Array> {
    this.#sent.delete(digest);
    this.#sent.set(digest, vector);
    const oldest = this.#sent.keys().next();
    if (this.#sent.size > keptVectors && oldest.done !== true) this.#sent.delete(oldest.value);
    // A failure is not kept: it would be said again without its stack.
    vector.catch(() => this.#sent.get(digest) === vector && this.#sent.delete(digest));
    return vector;
  }

  async #run(pixels: Uint8Array): Promise<Float32Array> {
    const { size } = this.#transform;
    const data = new Float32Array(size * size * 3);
    normalizePixels(this.#transform, pixels, data);
    return this.#tower.run({ pixels: { data, shape: [1, size, size, 3] } });
  }
}
