import { describe, expect, it } from 'vitest';
import { fitOn, planned } from '../testing/fit-on.ts';
import { operations } from './operations/index.ts';
import { arraySeparator } from './array-separator.ts';

describe('arraySeparator', () => {
  it('is what a model’s lists were joined by', () => {
    const data = { tags: ['a;b', 'a'], seen: ['x|y', 'x'], site: ['news', 'sport'], unread: ['1', '2'] };
    const features = [
      planned('list', { separator: ';', minCount: 1 }, 'tags'),
      planned('hashedList', { separator: '|' }, 'seen'),
      planned('hash', {}, 'site'),
    ];
    const { graph } = fitOn(features, data);
    const separators = Object.keys(data).map((column) => arraySeparator(graph, column));
    expect(separators).toEqual([';', '|', undefined, null]);
  });

  it.each(operations.map((operation) => [operation.name, operation] as const))(
    'knows whether %s takes lists',
    (name, operation) => {
      const { properties = {} } = operation.parameters.toJSONSchema({ io: 'input' });
      expect(operation.ofLists === true, `ofLists of ${name}, as it has a parameter "separator" or not`).toBe(
        Object.hasOwn(properties, 'separator'),
      );
      if (operation.ofLists !== true) return;
      const { graph } = fitOn([planned(name, { separator: ';' })], { x: ['a;b', 'a'] });
      expect(arraySeparator(graph, 'x')).toBe(';');
    },
  );
});
