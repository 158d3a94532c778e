import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fetchByManifest, type ManifestFiles, readRoot } from '@adstocrat/artifact-folders';
import type { ArtifactStore } from '@adstocrat/artifact-store';
import { type ModelSpec, parametersOf } from '@adstocrat/models';
import type { TransformGraph } from '@adstocrat/transforms';
import type { ModelBefore } from './model-before.ts';

/** A version by name, as a job carries it. */
export interface VersionBefore {
  readonly version: number;
  readonly uri: string;
  readonly digest: string;
}

const needed = ['transform.json', 'model-spec.json', 'weights.bin'] as const;

/** The model of a servable, each file checked against the manifest. Throws where it is not what was registered. */
export async function fetchBefore(
  store: ArtifactStore,
  { version, uri, digest }: VersionBefore,
  folder: string,
): Promise<ModelBefore> {
  const root = await readRoot<{ readonly files: ManifestFiles; readonly digest: string }>(
    store,
    uri,
    'servable.json',
    digest,
  );
  const files = Object.fromEntries(Object.entries(root.files).filter(([name]) => needed.some((one) => one === name)));
  await fetchByManifest(store, uri, files, folder);
  const json = <T>(name: (typeof needed)[number]): T => JSON.parse(readFileSync(join(folder, name), 'utf8')) as T;
  const spec = json<ModelSpec>('model-spec.json');
  const { buffer, byteOffset, byteLength } = Uint8Array.from(readFileSync(join(folder, 'weights.bin')));
  const whole = new Float32Array(buffer, byteOffset, byteLength / 4);
  const weights = new Map<string, Float32Array>();
  let at = 0;
  for (const { name, shape } of parametersOf(spec)) {
    const size = shape.reduce((product, one) => product * one, 1);
    weights.set(name, whole.subarray(at, at + size));
    at += size;
  }
  if (at !== whole.length)
    throw new RangeError(`${uri}/weights.bin has ${whole.length} numbers, its model takes ${at}`);
  return { version, graph: json<TransformGraph>('transform.json'), spec, weights };
}
