import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { RecordBatch, RecordBatchStreamWriter, Schema, Field, Struct, makeData, tableFromIPC } from 'apache-arrow';
import { describe, expect, it } from 'vitest';
import { splitPoint } from '@adstocrat/example-engine';
import { arrowColumn } from './arrow-columns.ts';
import type { RowWork } from './row-work.ts';

const texts = (values: readonly (string | null)[]) => arrowColumn('string', values);
const longs = (values: readonly number[]) => arrowColumn('long', values);

/** What a worker makes of batches, as an executor pipes them: the answer's columns by name. */
async function answer(work: RowWork, batches: readonly (readonly ReturnType<typeof texts>[])[]) {
  const child = spawn(
    process.execPath,
    ['--conditions=@adstocrat/source', resolve(import.meta.dirname, 'row-worker.ts')],
    { stdio: ['pipe', 'pipe', 'inherit'] },
  );
  const said: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => said.push(chunk));
  const ended = once(child, 'close');
  child.stdin.write(`${JSON.stringify(work)}\n`);
  const writer = new RecordBatchStreamWriter();
  for (const children of batches) {
    const fields = children.map(({ type }, index) => new Field(`c${index}`, type, true));
    const length = children[0]?.length ?? 0;
    writer.write(
      new RecordBatch(
        new Schema(fields),
        makeData({ type: new Struct(fields), length, nullCount: 0, children: [...children] }),
      ),
    );
  }
  writer.close();
  child.stdin.end(await writer.toUint8Array());
  const [code] = (await ended) as [number];
  const table = tableFromIPC(Buffer.concat(said));
  const columns = table.schema.fields.map(({ name }, index) => [name, [...(table.getChildAt(index) ?? [])]] as const);
  return { code, columns: Object.fromEntries(columns) as Readonly<Record<string, readonly unknown[]>> };
}

describe('row-worker', () => {
  it('types rows, batch by batch, and says why one is set aside', async () => {
    const work: RowWork = {
      kind: 'prepare',
      columns: [
        { cell: 0, type: 'integer' },
        { cell: 1, type: 'string' },
      ],
      label: { column: 'clicked', cell: 2, positive: ['yes'], negative: ['no'] },
      eventTime: { column: 'at', cell: 3, format: 'iso-8601', zone: 'Europe/Berlin' },
    };
    const batch = (row: number, ...cells: readonly (string | null)[]) => [
      longs([row]),
      arrowColumn('integer', [0]),
      longs([row + 1]),
      ...cells.map((cell) => texts([cell])),
    ];
    const { code, columns } = await answer(work, [
      batch(1, '5', 'é', ' yes', '2026-07-01 12:00'),
      batch(2, 'NA', null, 'perhaps', '2026-07-01'),
      batch(3, '7', '', 'no', 'soon'),
      batch(4, '1.0', '🙂', null, null),
    ]);
    expect(code).toBe(0);
    expect(columns['r']).toEqual([1n, 2n, 3n, 4n]);
    expect(columns['l']).toEqual([2n, 3n, 4n, 5n]);
    expect(columns['v0']).toEqual([5n, null, 7n, 1n]);
    expect(columns['v1']).toEqual(['é', null, null, '🙂']);
    expect(columns['y']).toEqual([1, null, 0, null]);
    // Berlin is two hours ahead in July.
    expect(columns['t']).toEqual([Date.UTC(2026, 6, 1, 10), null, null, null]);
    expect(columns['why']).toEqual([
      null,
      'the label is neither of its two values',
      'the event time is not iso-8601',
      'the label is missing',
    ]);
    expect(columns['at']).toEqual([null, 'clicked', 'at', 'clicked']);
    expect(columns['text']).toEqual([null, 'perhaps', 'soon', null]);
  });

  it('puts values on the side that splitPoint says', async () => {
    const values = Array.from({ length: 200 }, (_, index) => `user-${index}`);
    const { columns } = await answer({ kind: 'place', test: 0.2, validation: 0.1 }, [[texts(values)]]);
    expect(columns['a']).toEqual(values);
    expect(columns['b']).toEqual(
      values.map((value) => {
        const point = splitPoint(value);
        return point < 0.2 ? 'test' : point < 0.2 + 0.1 ? 'validation' : 'train';
      }),
    );
  });
});
