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
      const spec = composeModel({ fields, idRows, dense: fields }, { ...setting, wideL2: 1 });
      const tables = parametersOf(spec).filter(({ table }) => table !== undefined);
      for (const { shape } of tables) expect(shape[0]! * shape[1]!).toBeLessThanOrEqual(20_000_000);
      expect(costPerRow(spec)).toBeLessThan(400_000);
    }
  });

  it('has no pairs where there are no fields, and looks at images still', () => {
    const names = portfolio({ fields: 0, idRows: 0 }).map(({ name, image }) => [name, image !== undefined]);
    expect(names).toEqual([
      ['pairs and cross network', true],
      ['pairs and cross network, held back', true],
    ]);
  });
});
