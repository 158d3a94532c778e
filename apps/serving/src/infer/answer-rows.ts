import { hash } from 'node:crypto';
import { BadImage, ImagePoolFull, type ImageTurn } from '@adstocrat/image-codec';
import type { LoadedServable } from '@adstocrat/inference';
import { type PersonalKeys, ResourceExhausted } from '@adstocrat/service-kit';
import type { ModelInput } from '@adstocrat/transforms';
import type { AnswerLog } from '../log/answer-log.ts';
import { countFeatures } from './feature-counts.ts';
import { BadInput } from './inference-failure.ts';
import type { InferenceRequest } from './inference-request.ts';
import { imageBytesName } from './names.ts';
import { withoutPersonal } from './personal-columns.ts';
import type { PixelBudget } from './pixel-budget.ts';
import { requestRows } from './request-rows.ts';
import type { RowSlice } from './tensor.ts';
import { untilLate } from './until-late.ts';

/** The rows of one answer by one version, scored and made ready to be logged a slice at a time. */
export class AnswerRows {
  readonly #request: InferenceRequest;
  readonly #version: number;
  readonly #servable: LoadedServable;
  readonly #log: AnswerLog | undefined;
  readonly #pixels: PixelBudget;
  readonly #keys: PersonalKeys;
  readonly #scores: Float32Array[] = [];
  readonly #predictionIds: string[] = [];

  constructor(options: {
    readonly request: InferenceRequest;
    readonly version: number;
    readonly servable: LoadedServable;
    readonly pixels: PixelBudget;
    readonly personalKeys: PersonalKeys;
    /** Absent where the rows are not logged. */
    readonly log: AnswerLog | undefined;
  }) {
    this.#request = options.request;
    this.#version = options.version;
    this.#servable = options.servable;
    this.#pixels = options.pixels;
    this.#keys = options.personalKeys;
    this.#log = options.log;
  }

  /** The next rows, in order. Throws {@link BadInput} naming the row, `TooLarge` for images of many pixels, {@link ResourceExhausted} where many wait to be decoded, where images are sent what `refuseLate` throws, and what `AnswerLog.add` throws. */
  async score(rows: RowSlice, predictionIds: readonly string[]): Promise<void> {
    const servable = this.#servable;
    const { batch, images } = requestRows(servable, this.#request.inputs, rows);
    const filled = withoutPersonal(servable.fill(batch), servable.manifest.personal, this.#keys);
    if (images !== undefined) await this.#pixels.take(images, rows.from);
    const count = (input: ModelInput): void => countFeatures(this.#request.model, servable, filled, input, images);
    const turnOf = (image: Uint8Array): ImageTurn => this.#turnOf(image);
    const scores =
      images === undefined
        ? await servable.score(filled, undefined, { onInput: count })
        : await untilLate(this.#request, (signal) =>
            servable.score(filled, images, { onInput: count, turnOf, signal }),
          ).catch((error: unknown) => {
            throw imageFailure(error, rows.from);
          });
    this.#scores.push(scores);
    for (const id of predictionIds) this.#predictionIds.push(id);
    this.#log?.add({
      model: this.#request.model,
      version: this.#version,
      servable,
      batch: filled,
      scores,
      predictionIds,
      ...(images === undefined ? {} : { digests: images.map(digestOf) }),
    });
  }

  #turnOf(image: Uint8Array): ImageTurn {
    return { caller: this.#pixels.caller, pixels: this.#pixels.pixelsOf(image) };
  }

  /** Logs the rows. Throws what `AnswerLog.commit` throws. */
  async end(): Promise<{ readonly scores: Float32Array; readonly predictionIds: readonly string[] }> {
    await this.#log?.commit(this.#request.signal);
    return { scores: joined(this.#scores), predictionIds: this.#predictionIds };
  }
}

function imageFailure(error: unknown, firstRow: number): unknown {
  if (error instanceof ImagePoolFull) return new ResourceExhausted(error.message, { cause: error });
  if (!(error instanceof BadImage)) return error;
  return new BadInput(
    'value',
    imageBytesName,
    error.message,
    error.row === undefined ? undefined : firstRow + error.row,
  );
}

function joined(parts: readonly Float32Array[]): Float32Array {
  const [first = new Float32Array(0)] = parts;
  if (parts.length <= 1) return first;
  const all = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** sha256 of the bytes of an image, hex; empty where there is none. */
function digestOf(bytes: Uint8Array | null): string {
  return bytes === null ? '' : hash('sha256', bytes);
}
