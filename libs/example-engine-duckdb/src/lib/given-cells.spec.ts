import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  givenIds,
  idSentence,
  isUnreadable,
  type ScanResult,
  strayCells,
  straySentence,
} from '@adstocrat/example-engine';
import { DuckDbExampleEngine } from './duckdb-example-engine.ts';

const folder = mkdtempSync(join(tmpdir(), 'adstocrat-engine-'));
let engine: DuckDbExampleEngine;
let scan: ScanResult;
beforeAll(async () => {
  engine = await DuckDbExampleEngine.open({ workDir: folder });
  const path = join(folder, 'rows.csv');
  writeFileSync(
    path,
    [
      'id;age;price;rate;ts;site',
      'a;7;$50.5;1.025,5;2026-01-01;$1',
      'b;;$1;0,5;oops;$2',
      'a;7.5;NA;x;2026-01-01T10:00:00Z;$3',
      ';+8;5;1.025;;$4',
      ';8;$6;2,5;2026-02-30;',
    ].join('\n'),
  );
  scan = await engine.scan([{ path, name: 'rows.csv' }]);
});
afterAll(async () => {
  await engine.close();
  rmSync(folder, { recursive: true, force: true });
});

describe('strayCells', () => {
  it('counts what is given and cannot be read, with the first place', async () => {
    const found = await strayCells(engine, scan, [
      { name: 'age', type: 'integer' },
      { name: 'price', type: 'float' },
      { name: 'rate', type: 'float', decimal: ',' },
      { name: 'ts', type: 'string', time: 'iso-8601' },
      { name: 'site', type: 'string' },
    ]);
    expect(found.map((one) => straySentence(one))).toEqual([
      'age: 1 of 4 values are no whole numbers, first "7.5" at rows.csv:4',
      'price: 3 of 4 values are no numbers, first "$50.5" at rows.csv:2',
      'rate: 1 of 5 values are no numbers, first "x" at rows.csv:4',
      'ts: 2 of 4 values are no times, first "oops" at rows.csv:3',
    ]);
    expect(found.filter(isUnreadable).map(({ column }) => column)).toEqual(['price']);
    expect(found.map((one) => straySentence(one, true))[1]).toBe(
      'price: 3 of 4 values are no numbers, first at rows.csv:2',
    );
  });
});

describe('givenIds', () => {
  it('counts rows without an id and those whose id is another’s', async () => {
    const ids = await givenIds(engine, await engine.typed(scan.table, [{ name: 'id', type: 'string' }]), 'id');
    expect(ids).toEqual({ column: 'id', missing: 2, repeated: 1 });
    expect(idSentence(ids)).toBe(
      `2 rows have no "id": the row's number stands for it; 1 row has the "id" of a row before`,
    );
    expect(idSentence({ column: 'id', missing: 0, repeated: 0 })).toBeUndefined();
  });
});
