import { imageInput } from '@adstocrat/models';
import { DamagedServable } from './damaged-servable.ts';
import { ImageVectors } from './image-vectors.ts';
import { LoadedServable } from './loaded-servable.ts';
import { LookupTables } from './lookup-tables.ts';
import { OnnxSession } from './onnx-session.ts';
import { readServable } from './read-servable.ts';

/**
 * Loads a servable from a local folder. Throws {@link DamagedServable} where a file is not as the manifest says, or where the
 * manifest is not the one of `digest`.
 */
export async function openServable(
  folder: string,
  options: { readonly digest?: string } = {},
): Promise<LoadedServable> {
  const files = readServable(folder, options.digest);
  const model = await OnnxSession.open(files.model);
  const tables = new LookupTables(files.tables);
  const image = imageInput(files.spec);
  if (image === undefined) return new LoadedServable(files, { tables, model });
  if (files.imageTower === undefined || files.transform.image === undefined)
    throw new DamagedServable(`${folder}: the model takes images, and image-tower.onnx or its transform is missing`);
  const tower = await OnnxSession.open(files.imageTower);
  const { images: byName, pixels } = files;
  const images = new ImageVectors({ input: image, transform: files.transform.image, tower, images: byName, pixels });
  return new LoadedServable(files, { tables, model, images, tower });
}
