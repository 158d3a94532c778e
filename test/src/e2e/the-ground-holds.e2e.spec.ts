import { expect, it } from 'vitest';
import { broken, conservation, smallPlan } from '@adstocrat/campaigns';

it('counts every answered row once, with the label of an independent reference, through kills, an outage and a rolling restart of two of every service', async () => {
  const words: string[] = [];
  const plan = smallPlan({ bus: 'postgres', seed: 7 });
  const report = await conservation('the-ground-holds', plan, {
    say: (sentence) => words.push(sentence),
    forget: true,
  });
  expect(broken(report), words.join('\n')).toEqual([]);
  // All bars are equal where nothing is there: something was.
  expect(report.figures['answered']).toBeGreaterThanOrEqual(plan.predictions);
  expect(report.figures['positives']).toBeGreaterThan(0);
}, 1_200_000);
