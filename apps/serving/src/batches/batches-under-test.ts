import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { openExampleEngine } from '@adstocrat/adapters';
import type { Running } from '../serving-under-test.ts';
import type { BatchResults } from './end-batch.ts';
import type { FailedRow } from './failed-rows.ts';

/** A batch as REST tells of it. */
export interface ToldBatch {
  readonly batch_id: string;
  readonly state: string;
  readonly version: number;
  readonly rows: number;
  readonly rows_scored: number;
  readonly rows_failed: number;
  readonly results_uri?: string;
  readonly reason?: string;
  readonly odd?: readonly string[];
}

/** A row's result: where it stood, and what it scored. */
export interface ResultRow {
  readonly id: string;
  readonly score: number;
  readonly file: string;
  readonly line: number;
}

export async function post(server: Running, path: string, body: unknown): Promise<{ status: number; body: unknown }> {
  const response = await fetch(`${server.rest}/click/v1/models/${path}`, {
    method: 'POST',
    body: JSON.stringify(body),
  });
  return { status: response.status, body: await response.json() };
}

/** Undefined for one that is not known. */
export async function told(server: Running, id: string): Promise<ToldBatch | undefined> {
  const response = await fetch(`${server.rest}/click/v1/batches/${id}`);
  return response.status === 404 ? undefined : ((await response.json()) as ToldBatch);
}

/** The batch once it has ended. */
export async function untilEnded(server: Running, id: string): Promise<ToldBatch> {
  for (; ; await sleep(50)) {
    const batch = await told(server, id);
    if (batch !== undefined && batch.state !== 'running') return batch;
  }
}

/** Everything that came of a batch whose files are local. */
export async function resultsOf({ results_uri = '' }: ToldBatch, workDir: string) {
  const summary = JSON.parse(readFileSync(fileURLToPath(results_uri), 'utf8')) as BatchResults;
  const engine = await openExampleEngine({ workDir: join(workDir, 'engine') });
  try {
    const rows: ResultRow[] = [];
    const parts = await engine.openParquet(summary.results.map((uri) => fileURLToPath(uri)));
    for await (const { rows: count, columns } of engine.batches(parts))
      for (let row = 0; row < count; row += 1) {
        const cell = (name: string): unknown => columns.get(name)?.values[row];
        const [id, file] = [String(cell('id')), String(cell('file'))];
        rows.push({ id, score: Number(cell('score')), file, line: Number(cell('line')) });
      }
    const failures = summary.failures.flatMap((uri) =>
      readFileSync(fileURLToPath(uri), 'utf8')
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line) as FailedRow),
    );
    return { summary, rows, failures };
  } finally {
    await engine.close();
  }
}
