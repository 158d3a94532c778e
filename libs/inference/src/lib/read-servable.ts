import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DataSchema } from '@adstocrat/data-validation';
import { canonicalJson, type SpanTable } from '@adstocrat/examples';
import type { ModelSpec } from '@adstocrat/models';
import type { ServableManifest, WarmUp } from '@adstocrat/servables';
import type { TransformGraph } from '@adstocrat/transforms';
import { DamagedServable } from './damaged-servable.ts';

/** What lies in a servable's folder, checked against its manifest and parsed. */
export interface ServableFiles {
  readonly manifest: ServableManifest;
  readonly schema: DataSchema;
  readonly transform: TransformGraph;
  readonly spec: ModelSpec;
  readonly warmUp: WarmUp;
  readonly tables: readonly SpanTable[];
  /** Value of the image column → position in {@link pixels}. */
  readonly images: Readonly<Record<string, number>>;
  /** uint8 [count, size, size, 3]. */
  readonly pixels: Uint8Array;
  readonly seenItems?: readonly string[];
  readonly model: Uint8Array;
  readonly imageTower?: Uint8Array;
}

/** sha256 hex of a manifest's canonical JSON without its own digest. */
export function manifestDigest(manifest: Omit<ServableManifest, 'digest'>): string {
  const { digest: _digest, ...undigested } = manifest as ServableManifest;
  return createHash('sha256').update(canonicalJson(undigested)).digest('hex');
}

/** Reads a servable. Every file must have the size and sha256 of the manifest, else {@link DamagedServable}. */
export function readServable(folder: string, digest?: string): ServableFiles {
  const manifest = parse<ServableManifest>(folder, 'servable.json', read(folder, 'servable.json'));
  if (manifest.version !== 1)
    throw new DamagedServable(`${folder} is a servable of version ${String(manifest.version)}, this code reads 1`);
  if (manifestDigest(manifest) !== manifest.digest || (digest !== undefined && manifest.digest !== digest))
    throw new DamagedServable(`${folder}/servable.json is not the manifest that was registered`);
  const checked = (name: string): Uint8Array => {
    const expected = manifest.files[name];
    if (expected === undefined) throw new DamagedServable(`${folder}: the manifest has no ${name}`);
    const bytes = read(folder, name);
    if (bytes.length !== expected.bytes || createHash('sha256').update(bytes).digest('hex') !== expected.sha256)
      throw new DamagedServable(`${folder}/${name} differs from the manifest: fetch the servable again`);
    return bytes;
  };
  const json = <T>(name: string): T => parse<T>(folder, name, checked(name));
  const has = (name: string): boolean => manifest.files[name] !== undefined;
  const tables = Object.keys(manifest.files).filter((name) => /^tables\/\d+\.json$/.test(name));
  tables.sort((a, b) => Number(/\d+/.exec(a)?.[0]) - Number(/\d+/.exec(b)?.[0]));
  return {
    manifest,
    schema: json('data-schema.json'),
    transform: json('transform.json'),
    spec: json('model-spec.json'),
    warmUp: json('warm-up.json'),
    tables: tables.map((name) => json<SpanTable>(name)),
    images: has('images.json') ? json('images.json') : {},
    pixels: has('images.bin') ? checked('images.bin') : new Uint8Array(0),
    model: checked('model.onnx'),
    ...(has('image-tower.onnx') ? { imageTower: checked('image-tower.onnx') } : {}),
    ...(manifest.seenItemsFile === undefined ? {} : { seenItems: json<readonly string[]>(manifest.seenItemsFile) }),
  };
}

function read(folder: string, name: string): Uint8Array {
  try {
    return readFileSync(join(folder, name));
  } catch (error) {
    throw new DamagedServable(`${folder}/${name} cannot be read: ${(error as Error).message}`, { cause: error });
  }
}

function parse<T>(folder: string, name: string, bytes: Uint8Array): T {
  try {
    return JSON.parse(new TextDecoder().decode(bytes)) as T;
  } catch (error) {
    throw new DamagedServable(`${folder}/${name} is not JSON`, { cause: error });
  }
}
