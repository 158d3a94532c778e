import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { DataSchema } from '@adstocrat/data-validation';
import type { SpanTable } from '@adstocrat/examples';
import {
  type Calibration,
  imageInput,
  imageTowerGraph,
  type ModelSpec,
  parametersOf,
  scoringGraph,
  type Weights,
} from '@adstocrat/models';
import { encodeOnnx } from '@adstocrat/onnx';
import type { ServableManifest, WarmUp } from '@adstocrat/servables';
import type { TransformGraph } from '@adstocrat/transforms';
import { manifestDigest } from './read-servable.ts';

/** Everything a servable holds. */
export interface ServableContent {
  readonly head: Omit<ServableManifest, 'version' | 'digest' | 'files' | 'seenItemsFile'>;
  readonly spec: ModelSpec;
  readonly weights: Weights;
  readonly calibration: Calibration;
  readonly transform: TransformGraph;
  /** The serving schema: without the label. */
  readonly schema: DataSchema;
  readonly tables: readonly SpanTable[];
  /** Images by the value of the image column; pixels uint8 [count, size, size, 3]. */
  readonly images?: { readonly byName: Readonly<Record<string, number>>; readonly pixels: Uint8Array };
  readonly warmUp: WarmUp;
  readonly seenItems?: readonly string[];
  /** Markdown for people. */
  readonly modelCard: string;
  /** `report.html`, where there is one. */
  readonly report?: string;
  /** Files for people that no server reads, by path. */
  readonly extras?: Readonly<Record<string, Uint8Array>>;
}

/** Writes a servable's folder, the manifest last. Returns the manifest. The same content gives the same bytes. */
export function writeServable(folder: string, content: ServableContent): ServableManifest {
  const files: Record<string, { readonly sha256: string; readonly bytes: number }> = {};
  const put = (name: string, bytes: Uint8Array): void => {
    const path = join(folder, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, bytes);
    files[name] = { sha256: createHash('sha256').update(bytes).digest('hex'), bytes: bytes.length };
  };
  const putJson = (name: string, value: unknown): void => {
    put(name, new TextEncoder().encode(JSON.stringify(value)));
  };
  const { spec, weights, calibration } = content;
  put('model.onnx', encodeOnnx(scoringGraph(spec, weights, calibration)));
  if (imageInput(spec) !== undefined) put('image-tower.onnx', encodeOnnx(imageTowerGraph(spec, weights)));
  putJson('transform.json', content.transform);
  putJson('data-schema.json', content.schema);
  putJson('model-spec.json', spec);
  putJson('calibration.json', calibration);
  for (const [index, table] of content.tables.entries()) putJson(`tables/${index}.json`, table);
  if (content.images !== undefined && imageInput(spec) !== undefined) {
    putJson('images.json', content.images.byName);
    put('images.bin', content.images.pixels);
  }
  putJson('warm-up.json', content.warmUp);
  const parameters = parametersOf(spec).map(({ name, shape }) => ({ name, shape }));
  putJson('weights.json', parameters);
  put('weights.bin', concatenate(parameters.map(({ name }) => weights.get(name) ?? new Float32Array(0))));
  if (content.seenItems !== undefined) putJson('seen-items.json', content.seenItems);
  put('model-card.md', new TextEncoder().encode(content.modelCard));
  if (content.report !== undefined) put('report.html', new TextEncoder().encode(content.report));
  for (const [name, bytes] of Object.entries(content.extras ?? {})) put(name, bytes);
  const undigested = {
    version: 1 as const,
    ...content.head,
    files,
    ...(content.seenItems === undefined ? {} : { seenItemsFile: 'seen-items.json' }),
  };
  const manifest: ServableManifest = { ...undigested, digest: manifestDigest(undigested) };
  writeFileSync(join(folder, 'servable.json'), JSON.stringify(manifest, null, 2));
  return manifest;
}

/** Little-endian float32 of all arrays in a row. */
function concatenate(arrays: readonly Float32Array[]): Uint8Array {
  const whole = new Float32Array(arrays.reduce((sum, { length }) => sum + length, 0));
  let offset = 0;
  for (const array of arrays) {
    whole.set(array, offset);
    offset += array.length;
  }
  return new Uint8Array(whole.buffer);
}
