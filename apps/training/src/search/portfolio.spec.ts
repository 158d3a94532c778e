import { describe, expect, it } from 'vitest';
import { composeModel, costPerRow, parametersOf } from '@adstocrat/models';
import { portfolio } from './portfolio.ts';

describe('portfolio', () => {
  it.each([
    { fields: 10, idRows: 400 },
    { fields: 60, idRows: 5_000_000 },
    { fields: 1, idRows: 2 },
  ])('stays small with $fields fields and $idRows ids', ({ fields, idRows }) => {
    for (const setting of portfolio({ fields, idRows })) {
      const image = { filters: 24, cells: 4, units: 32 };
      const spec = composeModel({ fields, idRows, dense: fields, imageSize: 32 }, { ...setting, image, wideL2: 1 });
      const tables = parametersOf(spec).filter(({ table }) => table !== undefined);
      for (const { shape } of tables) expect(shape[0]! * shape[1]!).toBeLessThanOrEqual(20_000_000);
      expect(costPerRow(spec)).toBeLessThan(400_000);
    }
  });

  it('has no pairs alone where there are no fields', () => {
    const names = portfolio({ fields: 0, idRows: 0 }).map(({ name }) => name);
    expect(names).toEqual(['pairs and cross network', 'pairs and cross network, held back']);
  });
});
