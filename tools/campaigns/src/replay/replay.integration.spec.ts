import { expect, it } from 'vitest';
import { broken } from '../campaign-report.ts';
import { replay } from './replay.ts';

it('recomputes what was answered, from what was logged of it, bit for bit', async () => {
  const said: string[] = [];
  const report = await replay({ predictions: 400, versions: 3, seed: 5, say: (sentence) => said.push(sentence) });
  expect(broken(report), said.join('\n')).toEqual([]);
  // The versions and rows are not all alike, or nothing would have been shown.
  expect(report.figures['distinctScores']).toBeGreaterThan(300);
  expect(report.figures['withImageBytes']).toBeGreaterThan(50);
}, 600_000);
