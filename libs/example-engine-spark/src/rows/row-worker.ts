// Run in Spark's executors: a line of JSON, a RowWork, then a stream of Arrow on stdin; a stream of Arrow on stdout.
import { once } from 'node:events';
import { Field, RecordBatch, RecordBatchReader, RecordBatchStreamWriter, Schema, Struct, makeData } from 'apache-arrow';
import { splitPoint } from '@adstocrat/example-engine';
import { canonicalText } from '@adstocrat/examples';
import { arrowColumn, type ArrowKind } from './arrow-columns.ts';
import { rowReader } from './prepare-rows.ts';
import type { RowWork } from './row-work.ts';

type Values = (string | number | bigint | null)[];
type Mapped = readonly (readonly [name: string, kind: ArrowKind, values: Values])[];

/** What gives a batch's columns, in the order and by the names that the plan declares. */
function mapper(work: RowWork): (batch: RecordBatch) => Mapped {
  const column = (batch: RecordBatch, index: number): Values => [...(batch.getChildAt(index) ?? [])] as Values;
  if (work.kind === 'place') {
    const sideOf = (value: string): string => {
      const point = splitPoint(canonicalText(value));
      return point < work.test ? 'test' : point < work.test + work.validation ? 'validation' : 'train';
    };
    return (batch) => {
      const values = column(batch, 0);
      return [
        ['a', 'string', values],
        ['b', 'string', values.map((value) => sideOf(String(value)))],
      ];
    };
  }
  const read = rowReader(work);
  const kinds = work.columns.map(({ type, personal }): ArrowKind => {
    if (personal !== undefined) return personal === 'hash' ? 'string' : 'double';
    return type === 'string' ? 'string' : type === 'integer' ? 'long' : 'double';
  });
  if (work.contentId !== undefined) kinds.push('string');
  return (batch) => {
    const [row, file, line, ...cells] = Array.from({ length: batch.numCols }, (_, index) => column(batch, index));
    const rows = Array.from({ length: batch.numRows }, (_, at) => read(cells.map((all) => all[at] as string | null)));
    return [
      ['r', 'long', row ?? []],
      ['f', 'integer', file ?? []],
      ['l', 'long', line ?? []],
      ['y', 'integer', rows.map(({ label }) => label)],
      ['t', 'double', rows.map(({ timeMs }) => timeMs)],
      ['why', 'string', rows.map(({ reject }) => reject?.reason ?? null)],
      ['at', 'string', rows.map(({ reject }) => reject?.column ?? null)],
      ['text', 'string', rows.map(({ reject }) => reject?.text ?? null)],
      ...kinds.map((kind, index) => [`v${index}`, kind, rows.map(({ values }) => values[index] ?? null)] as const),
    ];
  };
}

function recordBatch(mapped: Mapped, length: number): RecordBatch {
  const children = mapped.map(([, kind, values]) => arrowColumn(kind, values));
  const schema = new Schema(mapped.map(([name], index) => new Field(name, children[index]!.type, true)));
  return new RecordBatch(schema, makeData({ type: new Struct(schema.fields), length, nullCount: 0, children }));
}

/** The first line of stdin, and what follows. */
async function* afterFirstLine(take: (line: string) => void): AsyncGenerator<Uint8Array> {
  let head: Buffer | undefined = Buffer.alloc(0);
  for await (const chunk of process.stdin as AsyncIterable<Buffer>) {
    if (head === undefined) {
      yield chunk;
      continue;
    }
    head = Buffer.concat([head, chunk]);
    const end = head.indexOf(10);
    if (end === -1) continue;
    take(head.toString('utf8', 0, end));
    const rest = head.subarray(end + 1);
    head = undefined;
    yield rest;
  }
}

let map: ((batch: RecordBatch) => Mapped) | undefined;
const input = afterFirstLine((line) => {
  map = mapper(JSON.parse(line) as RowWork);
});
const writer = new RecordBatchStreamWriter();
writer.pipe(process.stdout);
for await (const batch of await RecordBatchReader.from(input)) {
  if (map === undefined) throw new TypeError('rows came before what to do with them');
  writer.write(recordBatch(map(batch), batch.numRows));
  if (process.stdout.writableNeedDrain) await once(process.stdout, 'drain');
}
writer.close();
