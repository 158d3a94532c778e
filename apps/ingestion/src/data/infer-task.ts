import { randomUUID } from 'node:crypto';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { downloadArtifact } from '@adstocrat/artifact-folders';
import { type ArtifactInfo, pathBelow } from '@adstocrat/artifact-store';
import { BadData, type ScanResult } from '@adstocrat/example-engine';
import { InvalidRequest } from '@adstocrat/service-kit';
import { Task, taskYaml } from '@adstocrat/tasks';
import type { IngestDependencies } from '../ingest-dependencies.ts';
import { checkColumns } from './check-columns.ts';
import { listData, openSource } from './find-files.ts';
import { isHidden } from './glob.ts';
import { isTable } from './table-file.ts';
import { resolveTask } from './resolve-task.ts';

/** Share of the examples' key values that a table must know. */
const joinShare = 0.9;

/**
 * Looks at data and writes a task for it. CSVs whose header has the label are examples; another CSV is a table where it shares
 * one column with them whose values are unique in it and known for most rows; an image column is one whose values end in an
 * image's extension. Throws {@link InvalidRequest} where no CSV has the label.
 */
export async function inferTask(
  { openStore, openEngine, workDir }: Pick<IngestDependencies, 'openStore' | 'openEngine' | 'workDir'>,
  request: { readonly dataUri: string; readonly label: string; readonly name: string },
  signal?: AbortSignal,
): Promise<string> {
  const { dataUri, label } = request;
  const store = await openSource(openStore, dataUri);
  const objects = await listData(store, dataUri);
  const csvs = objects.filter(({ uri }) => isTable(uri) && !isHidden(pathBelow(dataUri, uri)));
  if (csvs.length === 0) throw new InvalidRequest(`there is no .csv or .csv.gz under ${dataUri}`);
  const folder = join(workDir, `infer-${randomUUID()}`);
  const engine = await openEngine({ workDir: folder, ...(signal && { signal }) });
  try {
    const scans: { readonly object: ArtifactInfo; readonly scan: ScanResult }[] = [];
    for (const [index, object] of csvs.entries()) {
      signal?.throwIfAborted();
      const path = join(folder, `${index}${object.uri.endsWith('.gz') ? '.csv.gz' : '.csv'}`);
      await downloadArtifact(store, object.uri, path, { within: dataUri });
      scans.push({ object, scan: await engine.scanCsv([{ path, name: object.uri }]) });
    }
    const hasLabel = ({ scan }: { readonly scan: ScanResult }): boolean =>
      scan.columns.some(({ name }) => name === label);
    const [largest] = scans.filter(hasLabel).sort((a, b) => b.scan.rows - a.scan.rows);
    const path = (object: ArtifactInfo): string => pathBelow(dataUri, object.uri);
    if (largest === undefined) {
      const columns = [...new Set(scans.flatMap(({ scan }) => scan.columns.map(({ name }) => name)))];
      checkColumns(Task.parse({ name: 'x', data: { examples: ['*'] }, label }), columns);
      throw new InvalidRequest(`no CSV under ${dataUri} has the column "${label}"`);
    }
    const tables: { path: string; key: string }[] = [];
    for (const { object, scan } of scans.filter((one) => !hasLabel(one))) {
      for (const { name, distinct } of scan.columns) {
        if (distinct !== scan.rows || !largest.scan.columns.some((column) => column.name === name)) continue;
        const [wanted, known] = [
          await engine.distinct(largest.scan.table, name),
          new Set(await engine.distinct(scan.table, name)),
        ];
        if (wanted.filter((value) => known.has(value)).length >= joinShare * wanted.length) {
          tables.push({ path: path(object), key: name });
          break;
        }
      }
    }
    const columns = largest.scan.columns;
    let image: { column: string; base: string } | undefined;
    for (const { name, inferred } of columns) {
      if (inferred !== 'string' || name === label) continue;
      const [first] = (await engine.vocabulary(largest.scan.table, name, { limit: 1 })).terms;
      if (first === undefined || !/\.(png|jpe?g|webp|gif|avif|tiff?)$/i.test(first.value)) continue;
      const found = objects.find((object) => `/${path(object)}`.endsWith(`/${first.value}`));
      if (found !== undefined) image = { column: name, base: path(found).slice(0, -first.value.length) };
    }
    const name = (request.name !== '' ? request.name : (dataUri.replace(/\/+$/, '').split('/').at(-1) ?? ''))
      .toLowerCase()
      .replaceAll(/[^a-z0-9-]+/g, '-')
      .replaceAll(/^-+|-+$/g, '')
      .slice(0, 63);
    const examples = scans.filter(hasLabel).map(({ object }) => path(object));
    const task = Task.parse({
      name: name === '' ? 'clicks' : name,
      data: { examples, tables },
      label,
      ...(image === undefined ? {} : { image }),
    });
    return taskYaml(resolveTask(task, columns, largest.scan.rows));
  } catch (error) {
    if (error instanceof BadData) throw new InvalidRequest(error.message, { cause: error });
    throw error;
  } finally {
    await engine.close();
    rmSync(folder, { recursive: true, force: true });
  }
}
