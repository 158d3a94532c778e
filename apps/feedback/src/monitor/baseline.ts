import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { openExampleEngine } from '@adstocrat/adapters';
import { fetchByManifest, readRoot } from '@adstocrat/artifact-folders';
import { type ArtifactStore, joinUri, readJson } from '@adstocrat/artifact-store';
import type { SpanManifest } from '@adstocrat/examples';
import type { DataSchema } from '@adstocrat/data-validation';
import type { Metadata } from '@adstocrat/metadata';
import { divergenceBits, type DriftBaseline, ValueCounts } from '@adstocrat/monitors';
import type { ColumnStatistics, SpanStatistics } from '@adstocrat/statistics';

/** What a version in service is compared with. */
export interface Baseline {
  readonly version: number;
  /** AUC on the held-out rows, from its evaluation. */
  readonly evaluatedAuc?: number;
  readonly columns: readonly { readonly statistics: ColumnStatistics; readonly drift: DriftBaseline }[];
}

/** Where baselines come from. */
export interface BaselineSources {
  readonly metadata: Metadata;
  readonly store: ArtifactStore;
  readonly workDir: string;
}

/** Baselines of the versions in service, each read once. */
export class Baselines {
  readonly #sources: BaselineSources;
  readonly #known = new Map<string, Baseline>();

  constructor(sources: BaselineSources) {
    this.#sources = sources;
  }

  async of(model: string, version: number): Promise<Baseline | undefined> {
    const key = `${model}/${version}`;
    const baseline = this.#known.get(key) ?? (await loadBaseline(this.#sources, model, version));
    if (baseline !== undefined) this.#known.set(key, baseline);
    return baseline;
  }

  /** Forgets a model's other versions. */
  keep(model: string, versions: readonly number[]): void {
    const wanted = new Set(versions.map((version) => `${model}/${version}`));
    for (const key of this.#known.keys())
      if (key.slice(0, key.lastIndexOf('/')) === model && !wanted.has(key)) this.#known.delete(key);
  }
}

/** Held-out rows that the world's own movement is measured on, at most. */
const heldOutRows = 50_000;

/**
 * Reads what a version was trained on: the statistics of the newest span among its spans, how far that span's held-out rows lie
 * from its training rows, and the evaluation's AUC. Undefined where the version or its span is not recorded.
 */
export async function loadBaseline(
  sources: BaselineSources,
  model: string,
  version: number,
): Promise<Baseline | undefined> {
  const { metadata, store, workDir } = sources;
  const record = await metadata.getVersion(model, version);
  const span = record && (await metadata.getSpan(model, Math.max(...record.spans)));
  if (record === undefined || span === undefined) return undefined;
  const statistics = await readJson<SpanStatistics>(store, joinUri(span.uri, 'statistics.json'));
  const schema = await readJson<DataSchema>(store, joinUri(span.uri, 'data-schema.json'));
  const manifest = await readRoot<SpanManifest>(store, span.uri, 'span.json', span.digest);
  const features = schema.columns.filter(({ role }) => role === 'feature').map(({ name }) => name);
  const described = statistics.columns.filter(({ name }) => features.includes(name));
  const training = new Map(described.map((column) => [column.name, ValueCounts.ofSpan(column)]));
  mkdirSync(workDir, { recursive: true });
  const folder = mkdtempSync(join(workDir, 'baseline-'));
  try {
    const heldOut = await countHeldOut(store, span.uri, manifest, described, folder);
    const auc = (record.evaluation as { readonly candidate?: { readonly auc?: number | null } } | undefined)?.candidate
      ?.auc;
    return {
      version,
      ...(typeof auc === 'number' ? { evaluatedAuc: auc } : {}),
      columns: described.flatMap((column) => {
        const own = training.get(column.name);
        const later = heldOut.get(column.name);
        if (own === undefined || own.rows === 0) return [];
        const movementBits = later === undefined || later.rows === 0 ? 0 : divergenceBits(own, later);
        return [{ statistics: column, drift: { column: column.name, training: own, movementBits } }];
      }),
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function countHeldOut(
  store: ArtifactStore,
  uri: string,
  manifest: SpanManifest,
  described: readonly ColumnStatistics[],
  folder: string,
): Promise<ReadonlyMap<string, ValueCounts>> {
  const counts = new Map(
    described.flatMap((column) => {
      const empty = ValueCounts.of(column);
      return empty === undefined ? [] : [[column.name, empty] as const];
    }),
  );
  const parts = Object.entries(manifest.files).filter(([name]) => name.startsWith('examples/test/'));
  if (parts.length === 0 || counts.size === 0) return counts;
  const paths = await fetchByManifest(store, uri, Object.fromEntries(parts), folder);
  const engine = await openExampleEngine({ workDir: folder, threads: 1 });
  try {
    let seen = 0;
    const relation = await engine.openParquet(paths);
    for await (const batch of engine.batches(relation, { columns: [...counts.keys()], batchRows: 4096 })) {
      for (const [name, count] of counts) for (const value of batch.columns.get(name)?.values ?? []) count.add(value);
      seen += batch.rows;
      if (seen >= heldOutRows) break;
    }
    return counts;
  } finally {
    await engine.close();
  }
}
