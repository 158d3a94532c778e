import type { ArtifactStore } from '@adstocrat/artifact-store';
import type { ExampleEngine } from '@adstocrat/example-engine';
import type { Metadata } from '@adstocrat/metadata';

/** A store that takes URIs of the given URL's scheme. Throws `TypeError` for a scheme that no adapter has. */
export async function openArtifactStore(url: string): Promise<ArtifactStore> {
  if (url.startsWith('gs://')) return (await import('@adstocrat/artifact-store-gcs')).GcsArtifactStore.open();
  if (url.startsWith('file://')) return new (await import('@adstocrat/artifact-store-local')).LocalArtifactStore();
  throw new TypeError(`data and artifacts are named by gs://bucket/prefix or file:///folder, got ${url}`);
}

/** Registry and lineage at a PostgreSQL URL. Connects lazily. */
export async function openMetadata(url: string): Promise<Metadata> {
  if (!/^postgres(ql)?:\/\//.test(url))
    throw new TypeError(`metadata lies in postgres://…, got ${url.split(':')[0] ?? ''}:`);
  return (await import('@adstocrat/metadata-postgres')).PostgresMetadata.open(url);
}

export interface ExampleEngineOptions {
  /** Holds what does not fit in `memoryLimit`; on Spark what it is given and what it makes, too. */
  readonly workDir: string;
  readonly threads?: number;
  /** For example `256MB`; default: `1GB`. */
  readonly memoryLimit?: string;
  /** Times its own size that a packed file may become; default: 300. */
  readonly unpackRatio?: number;
  /** Cuts what the engine is at. */
  readonly signal?: AbortSignal;
}

/** What {@link exampleEngines} opens: an engine in this process, or a Spark Connect server without parameters. */
export const exampleEngineUrl = /^(duckdb:|sc:\/\/[^/:;]+(:\d+)?\/?)$/;

/** Opens sessions of an example engine: `duckdb:` in this process, `sc://host:port` on Spark. Throws `TypeError` for any other URL. */
export function exampleEngines(url: string): (options: ExampleEngineOptions) => Promise<ExampleEngine> {
  if (url === 'duckdb:') return openExampleEngine;
  if (!exampleEngineUrl.test(url))
    throw new TypeError(`EXAMPLE_ENGINE_URL is duckdb: or sc://host:port, a Spark Connect server, got ${url}`);
  return async (options) =>
    (await import('@adstocrat/example-engine-spark')).SparkExampleEngine.open({ ...options, url });
}

/** A session of the example engine in this process. */
export async function openExampleEngine(options: ExampleEngineOptions): Promise<ExampleEngine> {
  return (await import('@adstocrat/example-engine-duckdb')).DuckDbExampleEngine.open(options);
}
