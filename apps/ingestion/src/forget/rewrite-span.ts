import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Pool } from 'pg';
import type { ArtifactFolder } from '@adstocrat/artifact-folders';
import type { DataSchema } from '@adstocrat/data-validation';
import type { ExampleEngine, Relation } from '@adstocrat/example-engine';
import { type ColumnarBatch, type SpanManifest, type Split, splits } from '@adstocrat/examples';
import type { SpanRecord } from '@adstocrat/metadata';
import type { Person } from '@adstocrat/service-kit';
import { mergeStatistics } from '@adstocrat/statistics';
import type { IngestDependencies } from '../ingest-dependencies.ts';
import { writeBeside } from './forgotten-folders.ts';
import { imagesFile, othersImages } from './others-images.ts';
import { type FetchedFolder, withFolder } from './rewrite-folder.ts';

export interface RewriteSpanParts extends IngestDependencies {
  readonly pool: Pool;
}

const rootName = 'span.json';

/** The folder of a split's files; in a span that is written anew they are one. */
const examplesIn = (split: Split): string => `examples/${split}/`;

/** What a span held of a person. */
export interface PersonInSpan {
  readonly found: number;
  /** Digests of images that no row of the span shows but theirs. */
  readonly images: ReadonlySet<string>;
  /** Undefined in a dry run, and where there is nothing to take out. */
  readonly rewritten: SpanRecord | undefined;
}

/** Finds a person's rows in a span and, unless it is a dry run, writes the span without them beside it. Nothing is recorded. */
export function rewriteSpan(
  dependencies: RewriteSpanParts,
  record: SpanRecord,
  person: Person,
  { dryRun, signal }: { readonly dryRun: boolean; readonly signal: AbortSignal },
): Promise<PersonInSpan> {
  const { uri, digest } = record;
  return withFolder<SpanManifest, PersonInSpan>(
    dependencies,
    { uri, digest, root: rootName },
    signal,
    async (folder) => {
      const { engine, paths } = folder;
      const all: Partial<Record<Split, Relation>> = {};
      const theirs = { train: 0, validation: 0, test: 0 };
      for (const split of splits) {
        const names = [...paths.keys()].filter((name) => name.startsWith(examplesIn(split))).sort();
        all[split] = await engine.openParquet(names.map((name) => paths.get(name) ?? ''));
        theirs[split] = await engine.countOf(all[split], person.column, person.forms);
      }
      const found = theirs.train + theirs.validation + theirs.test;
      const words = [...paths].filter(([name]) => !name.endsWith('.parquet'));
      const shown =
        words.some(([, path]) => person.isIn(readFileSync(path))) ||
        (await isInRejects(engine, paths.get('rejects.parquet') ?? '', person));
      // Its rows are gone and a statistic or a reject still shows the person: that counts as one place.
      const places = shown ? Math.max(1, found) : found;
      const hasImages = found > 0 && record.images > 0;
      if (places === 0 || (dryRun && !hasImages)) return { found: places, images: new Set(), rewritten: undefined };
      const others = { ...(all as Record<Split, Relation>) };
      for (const split of splits)
        if (theirs[split] > 0) others[split] = await engine.without(others[split], person.column, person.forms);
      const index = hasImages ? await othersImages(folder, Object.values(all), Object.values(others)) : undefined;
      const images = index?.lost ?? new Set();
      if (dryRun) return { found: places, images, rewritten: undefined };
      const without = { rows: others, index: index?.left };
      const rewritten = await writeBeside(dependencies, { uri: record.uri, root: rootName }, (into, newUri) =>
        writeWithout(into, { ...record, uri: newUri }, folder, without, person),
      );
      return { found: places, images, rewritten };
    },
  );
}

/** `record`: what is recorded of the span so far, at its new place. Resolves with what is so of it without the rows. */
async function writeWithout(
  folder: ArtifactFolder,
  record: SpanRecord,
  { root, paths, engine, workDir }: FetchedFolder<SpanManifest>,
  /** What is left. `index`: absent where it is what it was. */
  { rows: left, index }: { readonly rows: Readonly<Record<Split, Relation>>; readonly index: Relation | undefined },
  person: Person,
): Promise<SpanRecord> {
  const rows = { train: 0, validation: 0, test: 0 };
  const positives = { train: 0, validation: 0, test: 0 };
  for (const split of splits) {
    rows[split] = await engine.count(left[split]);
    positives[split] = await engine.positives(left[split]);
    const local = join(workDir, `${split}.parquet`);
    await engine.writeParquet(left[split], local);
    await folder.put(`${examplesIn(split)}part-00000.parquet`, local);
  }
  const schema = withoutDomain(
    JSON.parse(readFileSync(paths.get('data-schema.json') ?? '', 'utf8')) as DataSchema,
    person,
  );
  const columns = schema.columns.filter(({ role }) => role !== 'label');
  const statistics = mergeStatistics([await engine.describe(left.train, columns)]);
  await folder.putText('data-schema.json', JSON.stringify(schema));
  await folder.putText('statistics.json', JSON.stringify(statistics));
  const rejects = join(workDir, 'rejects.parquet');
  await engine.writeParquet(await hideTexts(engine, paths.get('rejects.parquet') ?? '', person), rejects);
  await folder.put('rejects.parquet', rejects);
  const written = new Set(['data-schema.json', 'statistics.json', 'rejects.parquet']);
  let { images } = record;
  if (index !== undefined) {
    images = await engine.count(index);
    const local = join(workDir, imagesFile);
    await engine.writeParquet(index, local);
    await folder.put(imagesFile, local);
    written.add(imagesFile);
  }
  for (const [name, path] of paths) {
    if (written.has(name) || name.startsWith('examples/')) continue;
    if (name.endsWith('.parquet')) {
      await folder.put(name, path);
      continue;
    }
    const text = readFileSync(path, 'utf8');
    await folder.putText(name, person.hidden(text));
  }
  const { files: _, digest: __, ...head } = root;
  const manifest = await folder.finish(rootName, { ...head, rows, positives, images });
  const hidden = (texts: readonly string[]): readonly string[] => texts.map((one) => person.hidden(one));
  return {
    ...record,
    digest: manifest.digest,
    trainRows: rows.train,
    validationRows: rows.validation,
    testRows: rows.test,
    images,
    anomalies: hidden(record.anomalies),
    notes: hidden(record.notes),
  };
}

function withoutDomain(schema: DataSchema, { column, forms }: Person): DataSchema {
  const columns = schema.columns.map((one) =>
    one.name === column && one.domain !== undefined
      ? { ...one, domain: one.domain.filter((value) => !forms.has(value)) }
      : one,
  );
  return { ...schema, columns };
}

async function isInRejects(engine: ExampleEngine, path: string, person: Person): Promise<boolean> {
  for await (const { columns } of engine.batches(await engine.openParquet([path]), { columns: ['text'] }))
    if ((columns.get('text')?.values ?? []).some((value) => typeof value === 'string' && person.isIn(value)))
      return true;
  return false;
}

/** Rejects as they are, but for texts that show the person. */
async function hideTexts(engine: ExampleEngine, path: string, person: Person): Promise<Relation> {
  const all = await engine.openParquet([path]);
  const hidden = async function* (): AsyncGenerator<ColumnarBatch> {
    for await (const { rows, columns } of engine.batches(all)) {
      const text = columns.get('text');
      if (text?.type === 'string') {
        const values = text.values.map((value) => (value === null ? null : person.hidden(value)));
        yield { rows, columns: new Map([...columns, ['text', { type: 'string' as const, values }]]) };
      } else yield { rows, columns };
    }
  };
  const names = ['file', 'line', 'reason', 'column', 'text'];
  return engine.fromBatches(
    names.map((name) => ({ name, type: name === 'line' ? 'integer' : 'string' })),
    hidden(),
  );
}
