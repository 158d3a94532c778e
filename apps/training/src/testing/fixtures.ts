import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SpanRecord, TaskRecord } from '@adstocrat/metadata';
import type { ServableManifest } from '@adstocrat/servables';
import type { TrainServable } from '../run/train-servable.ts';

const yaml = `name: ads\nlabel: clicked\ndata:\n  examples: ['*.csv']\n`;

export const adsTask: TaskRecord = { name: 'ads', yaml, resolvedYaml: yaml, dataUri: 'file:///d', updatedAtMs: 1 };

/** A ready span of the task `ads`, recorded and nowhere else. */
export function spanOf(span: number): SpanRecord {
  return {
    task: 'ads',
    span,
    kind: 'batch',
    uri: `u${span}`,
    digest: `d${span}`,
    inputDigest: `i${span}`,
    trainRows: 1,
    validationRows: 1,
    testRows: 1,
    rejectedRows: 0,
    images: 0,
    rejectedImages: 0,
    anomalies: [],
    notes: [],
    ready: true,
    createdAtMs: 0,
  };
}

/** A servable of one file, for a run that trains nothing. */
export const servable: TrainServable = ({ workDir, runId }) => {
  const folder = join(workDir, 'servable');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'weights.bin'), runId);
  writeFileSync(join(folder, 'servable.json'), '{}');
  const manifest = { digest: `digest of ${runId}`, files: { 'weights.bin': { sha256: '', bytes: 0 } } };
  const fitted = { validationLoss: 0.1, validationAuc: 0.9 };
  return Promise.resolve({ folder, fitted, manifest: manifest as unknown as ServableManifest });
};
