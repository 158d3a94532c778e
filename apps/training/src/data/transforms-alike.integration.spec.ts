import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openExampleEngine } from '@adstocrat/adapters';
import type { DataSchema } from '@adstocrat/data-validation';
import type { ExampleEngine, Relation } from '@adstocrat/example-engine';
import { columnOf, type RawValue, reservedColumns } from '@adstocrat/examples';
import type { SpanStatistics } from '@adstocrat/statistics';
import { parseTask } from '@adstocrat/tasks';
import { CompiledTransform, type TransformGraph } from '@adstocrat/transforms';
import { everyOperation, sampleCells, sampleColumns, sampleRows, sampleTypes } from '@adstocrat/transforms/testing';
import { fitGraph, type FittedTransform } from './fit-graph.ts';
import { CachedRows } from './cached-rows.ts';
import { loadExamples } from './load-examples.ts';
import { loadTrainingRows } from './load-training-rows.ts';

const rows = 10_000;

/** `features` of a task with every operation, as its YAML would have them. */
function declared(): string {
  const features = new Map<string, object[]>();
  for (const { operation, parameters, columns } of everyOperation()) {
    const given = operation.name === 'zScore' ? {} : (parameters as object);
    const own = features.get(columns[0]!) ?? [];
    features.set(columns[0]!, [...own, { op: operation.name, ...given }]);
  }
  const others = sampleColumns.filter((name) => !features.has(name)).map((name) => [name, 'ignore'] as const);
  return JSON.stringify(Object.fromEntries([...features, ...others]));
}

const task = parseTask(`name: t\ndata: {examples: ["*.csv"]}\nlabel: y\nfeatures: ${declared()}\n`, 'task.yaml');
const schema: DataSchema = {
  version: 1,
  columns: sampleColumns.map((name) => ({ name, type: sampleTypes.get(name)!, role: 'feature', minPresence: 0 })),
};
const statistics: SpanStatistics = { version: 1, rows, positives: 0, columns: [] };

const sha256 = (parts: readonly (Int32Array | Float32Array)[]): string => {
  const hash = createHash('sha256');
  for (const { buffer, byteOffset, byteLength } of parts) hash.update(new Uint8Array(buffer, byteOffset, byteLength));
  return hash.digest('hex');
};

describe('training and serving', () => {
  const folder = mkdtempSync(join(tmpdir(), 'alike-'));
  let engine: ExampleEngine;
  let relation: Relation;
  let fitted: FittedTransform;

  beforeAll(async () => {
    engine = await openExampleEngine({ workDir: folder });
    const reserved = Object.entries(reservedColumns).flatMap(([key, name]) =>
      key === 'image' ? [] : [{ name, type: key === 'id' ? ('string' as const) : ('integer' as const) }],
    );
    const columns = [...sampleTypes].map(([name, type]) => ({ name, type }));
    const table = await engine.fromBatches(
      [...columns, ...reserved],
      [sampleRows(0, rows / 2), sampleRows(rows / 2, rows / 2)],
    );
    await engine.writeParquet(table, join(folder, 'rows.parquet'));
    relation = await engine.openParquet([join(folder, 'rows.parquet')]);
    fitted = await fitGraph({ engine, train: relation, schema, statistics, task, onProgress: () => undefined });
  });
  afterAll(async () => {
    await engine.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('give the same bytes: Parquet in batches, and JSON row by row, by SHA-256, with every operation', async () => {
    expect(fitted.graph.features).toHaveLength(everyOperation().length);
    const transform = new CompiledTransform(fitted.graph);
    const loaded = await loadExamples({ engine, relation, transform, onProgress: () => undefined });
    const server = new CompiledTransform(JSON.parse(JSON.stringify(fitted.graph)) as TransformGraph);
    const answers = Array.from({ length: rows }, (_, row) => {
      // As a client writes it: NaN is null, and a number may come as text.
      const sent = sampleCells(row).map((cell) => (row % 3 === 0 && typeof cell === 'number' ? String(cell) : cell));
      const cells = JSON.parse(JSON.stringify(sent)) as readonly RawValue[];
      const columns = sampleColumns.map((name, at) => [name, columnOf(sampleTypes.get(name)!, [cells[at]])] as const);
      return server.apply({ rows: 1, columns: new Map(columns) });
    });
    expect(sha256(answers.map(({ ids }) => ids))).toBe(sha256([loaded.ids]));
    expect(sha256(answers.map(({ dense }) => dense))).toBe(sha256([loaded.dense]));
  });

  it('read the same training rows from a file as from memory, and an even part of them where that is asked for', async () => {
    const options = { engine, relation, transform: new CompiledTransform(fitted.graph), onProgress: () => undefined };
    const whole = await loadExamples(options);
    const inFile = await loadTrainingRows({ ...options, folder, memoryBytes: 0 });
    expect(inFile).toBeInstanceOf(CachedRows);
    const parts = await Array.fromAsync(inFile.parts());
    await inFile.close();
    expect(parts).toEqual([whole]);
    const part = await loadExamples({ ...options, limit: rows / 4 });
    // The first 32 rows, and every fourth.
    const kept = Array.from({ length: rows }, (_, row) => row).filter((row) => row < 32 || row % 4 === 3);
    expect(part.rows).toBe(kept.length);
    const width = whole.fields;
    expect([...part.ids]).toEqual(kept.flatMap((row) => [...whole.ids.subarray(row * width, (row + 1) * width)]));
  });

  it('differ for training rows only in what looks at other rows', async () => {
    const load = (transform: CompiledTransform): ReturnType<typeof loadExamples> =>
      loadExamples({ engine, relation, transform, onProgress: () => undefined });
    const [training, others] = [await load(fitted.training), await load(new CompiledTransform(fitted.graph))];
    expect(training.ids).toEqual(others.ids);
    const width = training.denseWidth;
    const differing = new Set<string>();
    for (const [at, value] of training.dense.entries())
      if (value !== others.dense[at]) differing.add(fitted.graph.dense[at % width]!.kind);
    expect([...differing].sort()).toEqual(['count', 'targetRate']);
    // The first tenth of the time has seen nothing.
    const rate = fitted.graph.dense.findIndex(({ kind }) => kind === 'targetRate');
    expect(Array.from({ length: rows / 10 - 1 }, (_, row) => training.dense[row * width + rate])).toEqual(
      Array<number>(rows / 10 - 1).fill(0),
    );
  });
});
