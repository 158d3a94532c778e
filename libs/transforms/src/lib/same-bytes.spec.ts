import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { type Column, type ColumnarBatch, reservedColumns } from '@adstocrat/examples';
import { everyOperation } from '../testing/sample-features.ts';
import { sampleRows } from '../testing/sample-rows.ts';
import { CompiledTransform } from './compiled-transform.ts';
import { Folds } from './folds.ts';
import { GraphFitter } from './graph-fitter.ts';
import type { ModelInput, TransformGraph } from './transform-graph.ts';

const rows = 20_000;
const features = everyOperation();
const whole = sampleRows(0, rows);
const boundaries = Array.from({ length: 9 }, (_, fold) =>
  Number(whole.columns.get(reservedColumns.timeMs)!.values[((fold + 1) * rows) / 10]),
);
const fitter = new GraphFitter({ features, dropped: new Map() }, new Folds(boundaries));
fitter.add(whole);
const { graph, training } = fitter.finish();
const reopened = new CompiledTransform(JSON.parse(JSON.stringify(graph)) as TransformGraph);

/** Rows of a batch by position, as a batch of their own. */
function picked({ columns }: ColumnarBatch, positions: readonly number[]): ColumnarBatch {
  const take = (column: Column): Column =>
    column.type === 'string'
      ? { type: 'string', values: positions.map((row) => column.values[row] ?? null) }
      : { type: column.type, values: Float64Array.from(positions, (row) => column.values[row]!) };
  return { rows: positions.length, columns: new Map([...columns].map(([name, column]) => [name, take(column)])) };
}

/** SHA-256 of ids and numbers, row by row. */
async function digest(parts: readonly ModelInput[]): Promise<string> {
  const bytes: Uint8Array[] = [];
  for (const { rows: count, ids, dense } of parts)
    for (let row = 0; row < count; row += 1)
      for (const values of [ids, dense]) {
        const width = values.length / count;
        const own = values.slice(row * width, (row + 1) * width);
        bytes.push(new Uint8Array(own.buffer));
      }
  const all = new Uint8Array(bytes.reduce((sum, { length }) => sum + length, 0));
  let offset = 0;
  for (const one of bytes) {
    all.set(one, offset);
    offset += one.length;
  }
  return Buffer.from(await crypto.subtle.digest('SHA-256', all)).toString('hex');
}

describe('every operation', () => {
  it.each(features.map((feature) => [feature.operation.name, feature] as const))(
    'finds values in its sample column: %s',
    (name, feature) => {
      const alone = new GraphFitter({ features: [feature], dropped: new Map() }, new Folds(boundaries));
      const some = sampleRows(0, 1000);
      alone.add(some);
      const { ids, dense } = new CompiledTransform(alone.finish().graph).apply(some);
      const found = [...ids, ...dense].some((value) => value !== 0);
      expect(
        found,
        `${name} gives nothing but 0 for the sample column "${feature.columns[0]}": name another in \`given\` of testing/sample-features.ts`,
      ).toBe(true);
    },
  );

  it('keeps all of its state in JSON', () => {
    expect(reopened.graph).toStrictEqual(graph);
  });

  it('gives the same bytes in batches and row by row, by SHA-256 over 20,000 rows', async () => {
    const batches = new CompiledTransform(graph).apply(whole);
    const singles = Array.from({ length: rows }, (_, row) => reopened.apply(picked(whole, [row])));
    expect(await digest(singles)).toBe(await digest([batches]));
  });

  it('gives a row the same bytes beside any others, also where training rows are written otherwise', () => {
    const at = fc.array(fc.nat(rows - 1), { minLength: 1, maxLength: 20 });
    for (const transform of [reopened, training]) {
      const all = transform.apply(whole);
      const [width, denseWidth] = [graph.fields.length, graph.dense.length];
      fc.assert(
        fc.property(at, (positions) => {
          const some = transform.apply(picked(whole, positions));
          const cut = <A extends Int32Array | Float32Array>(values: A, each: number): readonly number[] =>
            positions.flatMap((row) => [...values.subarray(row * each, (row + 1) * each)]);
          expect([...some.ids]).toEqual(cut(all.ids, width));
          expect([...some.dense]).toEqual(cut(all.dense, denseWidth));
        }),
        { numRuns: 50 },
      );
    }
  });

  it('keeps ids within their table and numbers finite, whatever the cells', () => {
    const cell = fc.oneof(
      fc.constant(null),
      fc.string({ unit: 'binary', maxLength: 80 }),
      fc.double().map(String),
      fc.constantFrom('constructor', '__proto__', '|||', '1e400', '0000-00-00', '9999-12-31T23:59:59Z', '\ud800', ' '),
    );
    const numeric = fc.oneof(fc.double(), fc.integer());
    fc.assert(
      fc.property(fc.array(cell, { minLength: 20, maxLength: 20 }), numeric, (texts, number) => {
        const names = [...whole.columns.keys()];
        for (const column of [
          (at: number): Column => ({ type: 'string', values: [texts[at % 20] ?? null] }),
          (): Column => ({ type: 'float', values: Float64Array.of(number) }),
        ]) {
          const columns = new Map(names.map((name, at) => [name, column(at)]));
          const { ids, dense } = reopened.apply({ rows: 1, columns });
          expect(
            graph.fields.filter(({ offset, size }, at) => !(ids[at]! >= offset && ids[at]! < offset + size)),
          ).toEqual([]);
          expect(graph.dense.filter((_, at) => !Number.isFinite(dense[at]))).toEqual([]);
        }
      }),
      { numRuns: 300 },
    );
  });
});
