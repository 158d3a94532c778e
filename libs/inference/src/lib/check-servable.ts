import { setImmediate as pause } from 'node:timers/promises';
import { finishWithPauses } from '@adstocrat/transforms';
import { assembleServable } from './assemble-servable.ts';
import { DamagedServable } from './damaged-servable.ts';
import type { LoadedServable, WarmUpAnswer } from './loaded-servable.ts';
import { OnnxSession } from './onnx-session.ts';
import { PreparedTwin } from './prepared-twin.ts';
import { readServable, type ServableFiles } from './read-servable.ts';
import { readSlicedJson, sliceJson, type SlicedJson } from './sliced-json.ts';

type Binary = 'pixels' | 'model' | 'imageTower';

/** What is left of a servable that was checked, in a form that threads hand over without a copy: all that it takes to answer. */
export interface CheckedServable extends Pick<ServableFiles, Binary> {
  /** The other files, without `seenItems`, which no answer needs. */
  readonly described: SlicedJson;
  readonly answer: WarmUpAnswer;
}

/**
 * Reads a servable's folder, compares every file with the manifest, and has it answer its warm-up requests, as `openServable` opens it and
 * as {@link openChecked} does, with the same bits. Throws {@link DamagedServable}. What takes long has no pauses: for a thread of its own.
 */
export async function checkServable(folder: string, digest?: string): Promise<CheckedServable> {
  const files = readServable(folder, digest);
  const { manifest, schema, transform, spec, warmUp, tables, images, pixels } = files;
  const twins = new Map<Uint8Array, PreparedTwin>();
  const servable = await assembleServable(files, async (model) => {
    const twin = await PreparedTwin.open(model, folder);
    twins.set(model, twin);
    return twin;
  });
  try {
    const [model, imageTower] = [files.model, files.imageTower].map((one) => one && twins.get(one)?.prepared);
    if (model === undefined) throw new DamagedServable(`${folder} has no model`);
    return {
      answer: await servable.validate(),
      described: sliceJson({ manifest, schema, transform, spec, warmUp, tables, images }),
      // Small files are read into memory that others share, which cannot be handed over.
      pixels: new Uint8Array(pixels),
      model,
      ...(imageTower && { imageTower }),
    };
  } finally {
    await servable.close();
  }
}

/** A servable of what another thread has checked. A pause, in which others have their turn, stands between any two steps of it. */
export async function openChecked({ described, answer, ...binaries }: CheckedServable): Promise<LoadedServable> {
  const files = await finishWithPauses(readSlicedJson<Omit<ServableFiles, Binary>>(described), pause);
  await pause();
  const servable = await assembleServable({ ...files, ...binaries }, (model) => OnnxSession.openPrepared(model));
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
  const arrays = [described.bytes, pixels, model, ...(imageTower === undefined ? [] : [imageTower])];
  return arrays.map(({ buffer }) => buffer as ArrayBuffer);
}
