import { setImmediate as pause } from 'node:timers/promises';
import { imageInput } from '@adstocrat/models';
import { CompiledTransform, finishWithPauses } from '@adstocrat/transforms';
import { DamagedServable } from './damaged-servable.ts';
import { ImageVectors } from './image-vectors.ts';
import { LoadedServable } from './loaded-servable.ts';
import { LookupTables } from './lookup-tables.ts';
import type { ModelSession } from './onnx-session.ts';
import type { ServableFiles } from './read-servable.ts';

/**
 * Puts a servable together of its files, with a pause, in which others have their turn, between any two steps. `open`: how their models
 * become sessions. Throws {@link DamagedServable} where files are missing.
 */
export async function assembleServable(
  files: ServableFiles,
  open: (model: Uint8Array) => Promise<ModelSession>,
): Promise<LoadedServable> {
  const image = imageInput(files.spec);
  const { imageTower, transform, images: byName, pixels } = files;
  if (image !== undefined && (imageTower === undefined || transform.image === undefined))
    throw new DamagedServable('the model takes images, and image-tower.onnx or its transform is missing');
  const compiled = await finishWithPauses(CompiledTransform.compiling(transform), pause);
  const tables = await finishWithPauses(LookupTables.indexing(files.tables), pause);
  const model = await open(files.model);
  if (image === undefined || imageTower === undefined || transform.image === undefined)
    return new LoadedServable(files, { compiled, tables, model });
  try {
    const tower = await open(imageTower);
    const images = new ImageVectors({ input: image, transform: transform.image, tower, images: byName, pixels });
    return new LoadedServable(files, { compiled, tables, model, images, tower });
  } catch (error) {
    await model.close();
    throw error;
  }
}
