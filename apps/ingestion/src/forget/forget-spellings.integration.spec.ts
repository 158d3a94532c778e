import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { canonicalText } from '@adstocrat/examples';
import { testDatabase, type TestDatabase } from '@adstocrat/postgres';
import { Person } from '@adstocrat/service-kit';
import { type IngestionParts, ingestionParts } from '../testing/ingestion-parts.ts';
import { incoming, labelled, noonMs } from '../testing/labelled.ts';
import { forget } from './forget.ts';

const options = { dryRun: true, signal: new AbortController().signal, onProgress: () => undefined };
let folder: string;
let database: TestDatabase;
let parts: IngestionParts;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'adstocrat-forget-spellings-'));
  database = await testDatabase();
  parts = await ingestionParts(database.url, folder);
  parts.work();
});
afterEach(async () => {
  await parts.close();
  await database.drop();
  rmSync(folder, { recursive: true, force: true });
});

/** A drop as a span of a task: ten rows of each of these people, as they are spelled in turn. */
async function ingest(task: string, people: readonly string[], more = ''): Promise<void> {
  mkdirSync(join(folder, task));
  const rows = Array.from({ length: 10 * people.length }, (_, row) => {
    return `${row % 3 === 0 ? 1 : 0},${people[row % people.length] ?? ''},${row}`;
  });
  writeFileSync(join(folder, task, 'rows.csv'), `y,user,n\n${rows.join('\n')}\n`);
  const yaml = `name: ${task}\ndata: {examples: ["*.csv"]}\nlabel: y\nunit: user\n${more}`;
  await parts.ingest(yaml, pathToFileURL(join(folder, task)).href);
}

/** How many rows of somebody each place holds. */
async function found(value: string): Promise<Readonly<Record<string, number>>> {
  const { places } = await forget(parts, Person.of('user', value, parts.personalKeys, canonicalText), options);
  return Object.fromEntries(places.map((one) => [one.place, one.found]));
}

describe('forget, of a value that is spelled in several ways', () => {
  it('finds the same rows by a whole number with and without its .0', async () => {
    await ingest('whole', ['5', '6', '7', '8']);
    // Beside missing ones pandas writes whole numbers so.
    await ingest('pandas', ['5.0', '6.0', '7.0', '']);
    await ingest('names', ['five', '6', '7.0', '7']);
    await ingest('hashed', ['5', '6', '7', '8'], 'personal: {user: hash}\n');
    await ingest('hashed-names', ['five', '6', '7.0', '7'], 'personal: {user: hash}\n');
    const carried = [{ text: '7' }, { text: '7.0' }, { integer: 7 }, { number: 7 }, { text: '07' }];
    await parts.intake.take(
      incoming(carried.map((user, row) => labelled(row, { labelledAtMs: noonMs + row, features: { user } }))),
    );
    const all = {
      'batch span 1 of whole': 10,
      'batch span 1 of pandas': 10,
      'batch span 1 of names': 20,
      'batch span 1 of hashed': 10,
      'batch span 1 of hashed-names': 20,
      'labelled rows that wait for a shard': 4,
    };
    expect(await found('7')).toEqual(all);
    expect(await found('7.0')).toEqual(all);
    // The same number in columns of numbers, another name in those of texts.
    expect(await found('07')).toEqual({
      'batch span 1 of whole': 10,
      'batch span 1 of pandas': 10,
      'labelled rows that wait for a shard': 1,
    });
  });

  it('tells names apart that differ in blanks or case, but for booleans', async () => {
    await ingest('names', ['" x"', 'x', 'X', 'True', 'true']);
    expect(await found('x')).toEqual({ 'batch span 1 of names': 10 });
    expect(await found(' x')).toEqual({ 'batch span 1 of names': 10 });
    expect(await found('TRUE')).toEqual({ 'batch span 1 of names': 20 });
  });
});
