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

  it.each([
    { columns: 100, crossLayers: 2 },
    { columns: 400, crossLayers: 2 },
    // Each column is an id of 4 numbers and a number: a kernel has 2500² numbers, and of 2000 columns 10,000².
    { columns: 500, crossLayers: 1 },
    { columns: 2000, crossLayers: 0 },
  ])('has $crossLayers cross layers on $columns columns of numbers', ({ columns, crossLayers }) => {
    const inputs = { fields: columns, idRows: 34 * columns, dense: columns };
    const settings = portfolio(inputs);
    const [last] = settings.at(-1)!.streams.filter((one) => one.stream === 'cross-network');
    expect(last?.crossLayers).toBe(crossLayers);
    // A step of 2048 rows is then some 100 billion operations, seconds on two cores.
    for (const setting of settings)
      expect(costPerRow(composeModel(inputs, { ...setting, wideL2: 1 }))).toBeLessThan(9_000_000);
  });

  it('has no pairs alone where there are no fields', () => {
    const names = portfolio({ fields: 0, idRows: 0 }).map(({ name }) => name);
    expect(names).toEqual(['pairs and cross network', 'pairs and cross network, held back']);
  });
});
