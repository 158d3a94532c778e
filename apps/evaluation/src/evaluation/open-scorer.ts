import { DamagedArtifact, fetchFolder } from '@adstocrat/artifact-folders';
import type { ArtifactStore } from '@adstocrat/artifact-store';
import { type ColumnarBatch, reservedColumns } from '@adstocrat/examples';
import { DamagedServable, type LoadedServable, openServable } from '@adstocrat/inference';
import type { OpenScorer, ReadImages } from './scorer.ts';

/** Servables of a store, loaded by the very code that serving loads them with. */
export function scorersOf(store: ArtifactStore): OpenScorer {
  return async (uri, digest, folder) => {
    await fetchFolder(store, uri, 'servable.json', digest, folder);
    const servable = await open(folder, digest);
    return {
      manifest: servable.manifest,
      ...(servable.seenItems === undefined ? {} : { seenItems: servable.seenItems }),
      columns: servable.columns,
      score: async (batch, readImages) => servable.score(batch, await unknownImages(servable, batch, readImages)),
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
  readImages: ReadImages,
): Promise<readonly (Uint8Array | undefined)[] | undefined> {
  const { image } = servable.transform;
  const digests = batch.columns.get(reservedColumns.image);
  if (image === undefined || digests?.type !== 'string') return undefined;
  if (!servable.takesImages) return undefined;
  const names = batch.columns.get(image.column);
  const unknown = digests.values.map((digest, row) =>
    digest == null || servable.knowsImage(String(names?.values[row])) ? undefined : digest,
  );
  const read = await readImages(unknown.filter((digest) => digest !== undefined));
  return unknown.map((digest) => (digest === undefined ? undefined : read.get(digest)));
}
