import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Ingestion, startIngestion } from './ingestion.ts';
import { strangeCases } from './strange-files.ts';
import { tryCase } from './try-case.ts';

const cases = strangeCases()
  // A process for each command takes longer than all the rest: the campaign runs them.
  .filter(({ open, command }) => open === undefined && command === undefined)
  .map((one) => ({ ...one, title: `${one.name}: ${one.what}` }));
let ingestion: Ingestion;
beforeAll(async () => {
  ingestion = await startIngestion();
});
afterAll(async () => {
  await ingestion[Symbol.asyncDispose]();
});

describe('strange files', () => {
  it.concurrent.each(cases)('are answered as written beside them: $title', async (strange) => {
    expect(await tryCase(ingestion, strange)).toEqual([]);
  });
});
