import { readdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { type CampaignReport, exactly } from '../campaign-report.ts';
import { startIngestion } from './ingestion.ts';
import { readCase, type StrangeCase } from './strange-case.ts';
import { tryCase } from './try-case.ts';

const folder = resolve(import.meta.dirname, '../../../../test/data/strange-files');

/** All cases, by name. */
export function strangeCases(): readonly StrangeCase[] {
  const entries = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return entries.map(({ name }) => readCase(folder, name)).sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Brings every strange drop to a running ingestion, as many at once as it works on. */
export async function strangeFiles(only: string | undefined, say: (sentence: string) => void): Promise<CampaignReport> {
  const cases = strangeCases().filter(({ name }) => only === undefined || new RegExp(only).test(name));
  await using on = await startIngestion();
  const startedAtMs = performance.now();
  let wrong = 0;
  const waiting = cases.values();
  const worker = async (): Promise<void> => {
    for (const strange of waiting) {
      const caseStartedMs = performance.now();
      const found = await tryCase(on, strange);
      if (found.length > 0) wrong += 1;
      const ms = Math.round(performance.now() - caseStartedMs);
      say(`${found.length === 0 ? '✓' : '✗'} ${strange.name} (${ms} ms): ${strange.what}`);
      for (const one of found) say(`    ${one}`);
    }
  };
  await Promise.all([worker(), worker()]);
  const seconds = (performance.now() - startedAtMs) / 1000;
  return {
    bench: 'strange-files',
    figures: { cases: cases.length, right: cases.length - wrong, seconds: Number(seconds.toFixed(1)) },
    peers: {},
    bars: [exactly('cases that are wrong', wrong, 0)],
  };
}
