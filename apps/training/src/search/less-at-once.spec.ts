import { describe, expect, it } from 'vitest';
import { composeModel, parametersOf } from '@adstocrat/models';
import { ClickModelTrainer } from '@adstocrat/tensorflow';
import { LessAtOnce } from './less-at-once.ts';

const [rows, units] = [4_000_000, 2_000_000];
const spec = composeModel(
  { fields: 0, idRows: 0, dense: 1 },
  {
    wideL2: 0,
    embedding: { units: 1, l2: 0, dropout: 0 },
    streams: [{ stream: 'cross-network', crossLayers: 1, hidden: [units], dropout: 0 }],
  },
);
const zeros = parametersOf(spec).map(
  ({ name, shape }) => [name, new Float32Array(shape.reduce((product, size) => product * size, 1))] as const,
);
const model = new ClickModelTrainer(spec, new Map(zeros), { seed: 1 });

/** A hidden layer that no machine has the memory for: 32 TB. */
function ask(): void {
  model.logits({ rows, ids: new Int32Array(), dense: new Float32Array(rows) });
}

describe('LessAtOnce', () => {
  it('takes twice the parts until there is memory, and begins with as many from then on', () => {
    const less = new LessAtOnce('a batch of "pairs"');
    const tried: number[] = [];
    const work = (parts: number): string => {
      tried.push(parts);
      if (parts < 4) ask();
      return 'done';
    };
    expect(less.run(64, work)).toBe('done');
    expect(less.run(64, work)).toBe('done');
    expect(tried).toEqual([1, 2, 4, 4]);
  });

  it('says what there is no memory for at all', () => {
    expect(() => new LessAtOnce('a batch of "pairs"').run(8, ask)).toThrow(
      'there is no memory for a batch of "pairs", not even for one row at a time',
    );
  });

  it('leaves other errors alone', () => {
    const wrong = (): never => {
      throw new RangeError('no such layer');
    };
    expect(() => new LessAtOnce('a batch').run(8, wrong)).toThrow('no such layer');
  });
});
