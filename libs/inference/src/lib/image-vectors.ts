import { createHash } from 'node:crypto';
import type { Column } from '@adstocrat/examples';
import { BadImage, type ImageTurn, sharedImagePool } from '@adstocrat/image-codec';
import type { ImageInput } from '@adstocrat/models';
import { type ImageTransform, normalizePixels, textAt } from '@adstocrat/transforms';
import type { ModelSession } from './onnx-session.ts';

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

  /** float [rows, width]; zeros for a row without an image, as in training. Throws `BadImage` naming the row for bytes that are none,
   * of the first such row, and not before all images are done with: who asked counts their pixels until then. */
  async of(
    column: Column | undefined,
    rows: number,
    sent?: readonly (Uint8Array | null | undefined)[],
    turnOf?: (image: Uint8Array) => ImageTurn,
  ): Promise<Float32Array> {
    const out = new Float32Array(rows * this.width);
    const put = async (row: number): Promise<void> => {
      const bytes = sent?.[row];
      const name = bytes == null ? textAt(column, row) : null;
      const index = name === null ? undefined : this.#byName.get(name);
      if (bytes != null && bytes.length > 0)
        out.set(await this.#ofBytes(bytes, turnOf?.(bytes)).catch(ofRow(row)), row * this.width);
      else if (index !== undefined) out.set(await this.#ofKnown(index), row * this.width);
    };
    const ended = await Promise.allSettled(Array.from({ length: rows }, (_, row) => put(row)));
    const failure = ended.find((one) => one.status === 'rejected');
    if (failure !== undefined) throw failure.reason;
    return out;
  }

  #ofKnown(index: number): Promise<Float32Array> {
    const size = this.#transform.size ** 2 * 3;
    return (this.#known[index] ??= this.#run(this.#pixels.subarray(index * size, (index + 1) * size)));
  }

  #ofBytes(bytes: Uint8Array, turn?: ImageTurn): Promise<Float32Array> {
    const digest = createHash('sha256').update(bytes).digest('base64');
    let vector = this.#sent.get(digest);
    if (vector === undefined) {
      vector = sharedImagePool.resize(bytes, this.#transform.size, turn).then((pixels) => this.#run(pixels));
      // A failure is not kept: it would be said again without its stack.
      vector.catch(() => this.#sent.delete(digest));
    } else this.#sent.delete(digest);
    this.#sent.set(digest, vector);
    const oldest = this.#sent.keys().next();
    if (this.#sent.size > keptVectors && oldest.done !== true) this.#sent.delete(oldest.value);
    return vector;
  }

  async #run(pixels: Uint8Array): Promise<Float32Array> {
    const { size } = this.#transform;
    const data = new Float32Array(size * size * 3);
    normalizePixels(this.#transform, pixels, data);
    return this.#tower.run({ pixels: { data, shape: [1, size, size, 3] } });
  }
}

/** Images are cached by content: which row it is, each request says for itself. */
function ofRow(row: number): (error: unknown) => never {
  return (error) => {
    throw error instanceof BadImage ? new BadImage(error.message, { cause: error, row }) : error;
  };
}
