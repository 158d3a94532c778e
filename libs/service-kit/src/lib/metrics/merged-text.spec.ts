import { describe, expect, it } from 'vitest';
import { mergedText } from './merged-text.ts';
import { prometheusText } from './prometheus-text.ts';

const family = (name: string, ...values: readonly number[]) => ({
  name,
  unit: '{row}',
  description: 'Rows.\n# HELP is a word in it.',
  kind: 'counter' as const,
  samples: values.map((value, at) => [{ model: `m${at}` }, value] as const),
});

describe('mergedText', () => {
  it('puts the series of each metric together, whoever has it', () => {
    const texts = [
      prometheusText([family('a', 1, 2), family('b', 3)], { process: 1 }),
      prometheusText([family('b', 4), family('c', 5)], { process: 2 }),
      '',
    ];
    const head = (name: string): string =>
      `# HELP ${name}_total Rows.\\n# HELP is a word in it.\n# TYPE ${name}_total counter\n`;
    expect(mergedText(texts)).toBe(
      `${head('a')}a_total{model="m0",process="1"} 1\na_total{model="m1",process="1"} 2\n` +
        `${head('b')}b_total{model="m0",process="1"} 3\nb_total{model="m0",process="2"} 4\n` +
        `${head('c')}c_total{model="m0",process="2"} 5\n`,
    );
    expect(mergedText([])).toBe('');
  });
});
