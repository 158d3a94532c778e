import { DamagedArtifact, fetchFolder } from '@adstocrat/artifact-folders';
import type { ArtifactStore } from '@adstocrat/artifact-store';
import { type ColumnarBatch, reservedColumns } from '@adstocrat/examples';
import { DamagedServable, type LoadedServable, openServable } from '@adstocrat/inference';
import type { OpenScorer, ReadImage } from './scorer.ts';

/** Servables of a store, loaded by the very code that serving loads them with. */
export function scorersOf(store: ArtifactStore): OpenScorer {
  return async (uri, digest, folder) => {
    await fetchFolder(store, uri, 'servable.json', digest, folder);
    const servable = await open(folder, digest);
    return {
      manifest: servable.manifest,
      ...(servable.seenItems === undefined ? {} : { seenItems: servable.seenItems }),
      columns: servable.columns,
      score: async (batch, readImage) => servable.score(batch, await unknownImages(servable, batch, readImage)),
      validate: () => servable.validate(),
      close: () => servable.close(),
    };
  };
}

async function open(folder: string, digest: string): Promise<LoadedServable> {
  try {
    return await openServable(folder, { digest });
  } catch (error) {
    if (error instanceof DamagedServable) throw new DamagedArtifact(error.message, { cause: error });
    throw error;
  }
}

/** Bytes of the rows' images that do not travel with the servable: a client would send them along. */
async function unknownImages(
  servable: LoadedServable,
  batch: ColumnarBatch,
  readImage: ReadImage,
): Promise<readonly (Uint8Array | undefined)[] | undefined> {
  const { image } = servable.transform;
  const digests = batch.columns.get(reservedColumns.image);
  if (image === undefined || digests?.type !== 'string') return undefined;
  const names = batch.columns.get(image.column);
  const read = new Map<string, Promise<Uint8Array>>();
  const bytesOf = (row: number): Promise<Uint8Array | undefined> => {
    const digest = digests.values[row];
    if (digest == null || !servable.takesImages || servable.knowsImage(String(names?.values[row])))
      return Promise.resolve(undefined);
    const reading = read.get(digest) ?? readImage(digest);
    read.set(digest, reading);
    return reading;
  };
  return Promise.all(Array.from({ length: batch.rows }, (_, row) => bytesOf(row)));
}
