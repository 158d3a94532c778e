import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type LearnedColumn, type Relation, unlikeTraining } from '@adstocrat/example-engine';
import { DuckDbExampleEngine } from './duckdb-example-engine.ts';

const folder = mkdtempSync(join(tmpdir(), 'adstocrat-unlike-'));
let engine: DuckDbExampleEngine;
beforeAll(async () => {
  engine = await DuckDbExampleEngine.open({ workDir: join(folder, 'work') });
});
afterAll(async () => {
  await engine.close();
  rmSync(folder, { recursive: true, force: true });
});

const price: LearnedColumn = { name: 'price', type: 'float', role: 'feature', range: [1, 9] };
const site: LearnedColumn = { name: 'site', type: 'string', role: 'feature', domain: ['a', 'b'] };

async function rowsOf(text: string): Promise<Relation> {
  const path = join(folder, 'rows.csv');
  writeFileSync(path, text);
  const { table } = await engine.scan([{ path, name: path }]);
  return engine.typed(table, [price, site]);
}

describe('unlikeTraining', () => {
  it('says nothing of rows like those it learned from', async () => {
    const rows = await rowsOf(`price,site\n${'1,a\n'.repeat(4)}9,b\n${'900,c\n'.repeat(5)}`);
    expect(await unlikeTraining(engine, rows, [price, site])).toEqual([]);
  });

  it('says nothing where nothing is given, or nothing was known', async () => {
    const rows = await rowsOf('price,site\n,\n,\n');
    expect(await unlikeTraining(engine, rows, [price, site])).toEqual([]);
    const { range: _, ...open } = price;
    expect(await unlikeTraining(engine, await rowsOf(`price,site\n${'900,c\n'.repeat(10)}`), [open])).toEqual([]);
  });

  it('names numbers of another unit and words of another spelling, and nothing of pseudonyms', async () => {
    const rows = await rowsOf(`price,site\n${'100,A\n'.repeat(4)}450,B\n450,B\n${'900,a\n'.repeat(4)}`);
    const found = await unlikeTraining(engine, rows, [price, site]);
    expect(found.map(({ sentence }) => sentence)).toEqual([
      'price: most values lie outside of 1 to 9, which is what the model learned from (the median is 450): are they of another unit?',
      'site: 6 of 10 values are none of those that the model learned from, for example "A": are they spelled otherwise?',
    ]);
    expect(await unlikeTraining(engine, rows, [site], { hidden: new Set(['site']) })).toEqual([]);
    expect(await unlikeTraining(engine, rows, [site], { withheld: true })).toEqual([
      {
        column: 'site',
        sentence: 'site: 6 of 10 values are none of those that the model learned from: are they spelled otherwise?',
      },
    ]);
  });

  it('says nothing by a few values: a new one among them is no other unit', async () => {
    const few = `price,site\n${'900,A\n'.repeat(9)}`;
    expect(await unlikeTraining(engine, await rowsOf(few), [price, site])).toEqual([]);
    // Values, not rows: of those that are missing nothing can be said.
    expect(await unlikeTraining(engine, await rowsOf(`${few},\n,\n`), [price, site])).toEqual([]);
    expect(await unlikeTraining(engine, await rowsOf(`${few}900,A\n`), [price, site])).toHaveLength(2);
  });
});
