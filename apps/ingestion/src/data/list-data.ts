import { type ArtifactInfo, pathBelow } from '@adstocrat/artifact-store';
import type { IngestDependencies } from '../ingest-dependencies.ts';
import { isHidden } from './glob.ts';
import { TableFormats } from './left-out.ts';
import { lookThrough, type OpenData } from './open-data.ts';
import { isTable } from './table-file.ts';

/** A place of data, with the files of rows that lie there. */
export interface ListedData extends OpenData {
  /** By name; the one file, where the place is a file. None is hidden. */
  readonly tables: readonly ArtifactInfo[];
  /** One that is called otherwise, where there is any. */
  readonly other: ArtifactInfo | undefined;
  /** What is said of formats of tables whose logs are not read. */
  readonly notes: readonly string[];
}

/** As {@link lookThrough}. There may be millions of images, none of which is held. */
export async function listData(openStore: IngestDependencies['openStore'], dataUri: string): Promise<ListedData> {
  const tables: ArtifactInfo[] = [];
  const formats = new TableFormats();
  let [first, plain]: (ArtifactInfo | undefined)[] = [];
  const data = await lookThrough(openStore, dataUri, (object, { uri, onlyFile }) => {
    const path = pathBelow(uri, object.uri);
    formats.look(path);
    if (isHidden(path) || onlyFile !== undefined) return;
    if (isTable(path)) tables.push(object);
    else {
      first ??= object;
      // `_SUCCESS` and the like say something of the others.
      if (!nameOf(path).startsWith('_')) plain ??= object;
    }
  });
  const { onlyFile } = data;
  return {
    ...data,
    tables: onlyFile === undefined ? tables : [onlyFile],
    other: plain ?? first,
    notes: formats.notes(),
  };
}

const nameOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1);
