import { join } from 'node:path';
import { type ArtifactInfo, pathBelow } from '@adstocrat/artifact-store';
import { BadData, type ExampleEngine, type ScanResult } from '@adstocrat/example-engine';
import type { JobProgress } from '@adstocrat/jobs';
import { InvalidRequest } from '@adstocrat/service-kit';
import { downloadListed } from './download-listed.ts';
import { firstLine } from './first-line.ts';
import { folderCells } from './folder-cells.ts';
import type { HeldFiles } from './held-files.ts';
import type { ListedData } from './list-data.ts';
import { scanUnnamed } from './scan-unnamed.ts';
import type { ScannedTable, UnreadTable } from './shards-among.ts';

/** Looks at every file of rows. Throws BadData where none can be read. */
export async function scanTables(
  engine: ExampleEngine,
  { store, uri, tables, other, onlyFile }: ListedData,
  folder: string,
  options: {
    readonly held: HeldFiles;
    readonly label: string;
    readonly onProgress: (progress: JobProgress) => void;
    readonly signal: AbortSignal | undefined;
  },
): Promise<{ readonly scans: readonly ScannedTable[]; readonly unread: readonly UnreadTable[] }> {
  if (tables.length === 0) throw noFileOfRows(uri, other);
  const { held, label, onProgress, signal } = options;
  const total = tables.reduce((sum, { bytes }) => sum + bytes, 0);
  const seen = { bytes: 0, rows: 0 };
  const scans: ScannedTable[] = [];
  const unread: UnreadTable[] = [];
  for (const [index, object] of tables.entries()) {
    signal?.throwIfAborted();
    const path = join(folder, String(index));
    onProgress({ step: 'look', done: seen.bytes, total, unit: 'bytes', rows: seen.rows });
    await downloadListed(store, object, path, { within: uri });
    held.hold(object, path);
    try {
      const cells = onlyFile === undefined ? folderCells(pathBelow(uri, object.uri)) : new Map<string, string | null>();
      const found = await scanUnnamed(engine, { path, name: object.uri, cells }, label, {
        onProgress: ({ bytes, rows }) => {
          onProgress({ step: 'look', done: seen.bytes + bytes, total, unit: 'bytes', rows: seen.rows + rows });
        },
      });
      seen.rows += found.scan.rows;
      scans.push({ path: pathBelow(uri, object.uri), ...ownColumns(found, label), cells });
    } catch (error) {
      if (!(error instanceof BadData)) throw error;
      unread.push({ path: pathBelow(uri, object.uri), line: firstLine(path), error });
    }
    seen.bytes += object.bytes;
  }
  const [first] = unread;
  if (scans.length === 0 && first !== undefined) throw first.error;
  return { scans, unread };
}

/** A scan without the columns that only folders name, but for the label; and those. */
function ownColumns<S extends { readonly scan: ScanResult }>(
  found: S,
  label: string,
): S & { readonly folderColumns: ScanResult['columns'] } {
  const given = new Set(found.scan.files.flatMap((file) => file.given ?? []));
  const { columns } = found.scan;
  return {
    ...found,
    scan: { ...found.scan, columns: columns.filter(({ name }) => name === label || !given.has(name)) },
    folderColumns: columns.filter(({ name }) => given.has(name)),
  };
}

/** A folder of which no file is called as files of rows are. */
function noFileOfRows(uri: string, other: ArtifactInfo | undefined): InvalidRequest {
  const advice =
    other === undefined
      ? ''
      : `: where one is called otherwise, name it, as in --data ${other.uri}; several of them are named by data.examples of a task.yaml, as ['${globLike(nameOf(other))}']`;
  return new InvalidRequest(`there is no .csv, .tsv, .jsonl, .ndjson or .parquet under ${uri}${advice}`);
}

function nameOf({ uri }: ArtifactInfo): string {
  return uri.slice(uri.lastIndexOf('/') + 1);
}

/** What is called as a file is but for how it begins or counts: `*.json`, `part-*`. */
function globLike(name: string): string {
  const ending = /(?:\.[A-Za-z]\w*)+$/.exec(name)?.[0];
  return ending === undefined || ending === name ? `${name.replace(/\d.*$/s, '')}*` : `*${ending}`;
}
