import { setImmediate as pause } from 'node:timers/promises';
import { finishWithPauses } from '@adstocrat/transforms';
import { assembleServable } from './assemble-servable.ts';
import type { LoadedServable, WarmUpAnswer } from './loaded-servable.ts';
import { OnnxSession } from './onnx-session.ts';
import { PreparedTwin } from './prepared-twin.ts';
import { readServable, type ServableFiles } from './read-servable.ts';
import { readSlicedJson, sliceJson, type SlicedJson } from './sliced-json.ts';

type Binary = 'pixels' | 'model' | 'imageTower';

/** A model's bytes as they are handed over. */
export interface CarriedModel {
  readonly bytes: Uint8Array;
  /** True for those of a `PreparedTwin`. */
  readonly prepared: boolean;
}

/** What is left of a servable that was checked, in a form that threads hand over without a copy: all that it takes to answer. */
export interface CheckedServable {
  readonly pixels: Uint8Array;
  readonly model: CarriedModel;
  readonly imageTower: CarriedModel | undefined;
  /** The other files, without `seenItems`, which no answer needs. */
  readonly described: SlicedJson;
  readonly answer: WarmUpAnswer;
}

/** Bytes from which on a model is prepared: the session of a smaller one is there in less time than preparing it takes. */
const preparedFromBytes = 4 << 20;

/**
 * Reads a servable's folder, compares every file with the manifest, and has it answer its warm-up requests, as `openServable` opens it and
 * as {@link openChecked} does, with the same bits. Throws {@link DamagedServable}. What takes long has no pauses: for a thread of its own.
 */
export async function checkServable(
  folder: string,
  { digest, preparedFrom = preparedFromBytes }: { readonly digest?: string; readonly preparedFrom?: number } = {},
): Promise<CheckedServable> {
  const files = readServable(folder, digest);
  const { manifest, schema, transform, spec, warmUp, tables, images, pixels } = files;
  const prepared = new Map<Uint8Array, Uint8Array>();
  const carried = (bytes: Uint8Array): CarriedModel => {
    const made = prepared.get(bytes);
    return made === undefined ? { bytes: own(bytes), prepared: false } : { bytes: made, prepared: true };
  };
  const servable = await assembleServable(files, async (model) => {
    if (model.length < preparedFrom) return OnnxSession.open(model);
    const twin = await PreparedTwin.open(model, folder);
    prepared.set(model, twin.prepared);
    return twin;
  });
  try {
    return {
      answer: await servable.validate(),
      described: sliceJson({ manifest, schema, transform, spec, warmUp, tables, images }),
      pixels: own(pixels),
      model: carried(files.model),
      imageTower: files.imageTower && carried(files.imageTower),
    };
  } finally {
    await servable.close();
  }
}

/** A servable of what another thread has checked. A pause, in which others have their turn, stands between any two steps of it. */
export async function openChecked({
  described,
  answer,
  pixels,
  model,
  imageTower,
}: CheckedServable): Promise<LoadedServable> {
  const others = await finishWithPauses(readSlicedJson<Omit<ServableFiles, Binary>>(described), pause);
  await pause();
  const tower = imageTower && { imageTower: imageTower.bytes };
  const files: ServableFiles = { ...others, ...tower, pixels, model: model.bytes };
  const servable = await assembleServable(files, (bytes) =>
    (bytes === model.bytes ? model : imageTower)?.prepared === true
      ? OnnxSession.openPrepared(bytes)
      : OnnxSession.open(bytes),
  );
  try {
    await servable.confirm(answer);
    return servable;
  } catch (error) {
    await servable.close();
    throw error;
  }
}

/** What a thread gives away with a checked servable instead of copying it. */
export function buffersOf({ described, pixels, model, imageTower }: CheckedServable): ArrayBuffer[] {
  const arrays = [described.bytes, pixels, model.bytes, ...(imageTower === undefined ? [] : [imageTower.bytes])];
  return arrays.map(({ buffer }) => buffer as ArrayBuffer);
}

/** Bytes that are all of their buffer: small files are read into memory that others share, which cannot be handed over. */
function own(bytes: Uint8Array): Uint8Array {
  return bytes.length === bytes.buffer.byteLength ? bytes : new Uint8Array(bytes);
}
