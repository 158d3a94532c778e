import { describe, expect, it } from 'vitest';
import { composeModel, costPerRow, splitMix32 } from '@adstocrat/models';
import { trainingSetting } from '@adstocrat/tasks';
import { portfolio } from '../search/portfolio.ts';
import { samplers } from '@adstocrat/tuning';
import { portfolioPoints, settingOf, tuningSpace } from './space.ts';

const worlds = [
  ['a few fields', { fields: 6, idRows: 2000, dense: 3 }],
  ['no fields', { fields: 0, idRows: 0, dense: 4 }],
  ['many fields of many ids', { fields: 200, idRows: 3_000_000, dense: 0 }],
  ['very many columns', { fields: 500, idRows: 17_000, dense: 500 }],
  ['more columns than cross layers are for', { fields: 2000, idRows: 68_000, dense: 2000 }],
  ['images', { fields: 4, idRows: 100, dense: 0, imageSize: 16 }],
] as const;

describe.each(worlds)('a space over %s', (_what, inputs) => {
  const space = tuningSpace(inputs);

  it('holds the settings that a run tries by itself', () => {
    const again = portfolioPoints(inputs).map((point) => settingOf(point, ''));
    const own = portfolio(inputs).map((setting) => ({ ...setting, name: '' }));
    if (inputs.fields > 0) expect(again).toEqual(own);
    // Without fields there are no pairs and no embeddings: what is left of two settings is one.
    else
      expect(again.map(({ learningRate, streams }) => ({ learningRate, streams }))).toEqual([
        { learningRate: 0.003, streams: own[0]!.streams.slice(1) },
      ]);
  });

  it('has points that all are models, and settings of a task', () => {
    const bits = splitMix32(9);
    const models = new Set<string>();
    for (let trial = 0; trial < 300; trial += 1) {
      const point = samplers.random(space, [], () => bits() / 2 ** 32);
      models.add(String(point['model']));
      const setting = settingOf(point, `trial ${trial}`);
      expect(trainingSetting.parse(JSON.parse(JSON.stringify(setting)))).toEqual(setting);
      const spec = composeModel(inputs, { ...setting, wideL2: 1, image: { filters: 8, cells: 2, units: 4 } });
      expect(costPerRow(spec)).toBeGreaterThan(0);
      expect(costPerRow(spec)).toBeLessThan(20_000_000);
      expect(inputs.idRows * setting.embedding.units).toBeLessThanOrEqual(Math.max(8_000_000, inputs.idRows * 4));
    }
    expect(models).toEqual(new Set((space[0] as { readonly choices: readonly string[] }).choices));
  });
});
