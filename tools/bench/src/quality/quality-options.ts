import { parseArgs } from 'node:util';

/** What a run of the bench is asked for. */
export interface QualityOptions {
  readonly rows: number;
  readonly seeds: readonly number[];
  readonly isWanted: (set: string) => boolean;
  /** Of options that are another bench's own. */
  readonly own: Readonly<Record<string, string>>;
}

const usage = 'usage: npm run bench -- quality [--rows N] [--seeds N,N] [--sets PART,PART]';

/** `own`: other options, with what they are where they are not given. Throws `RangeError` for what is no number, and for a part that no set has in its name. */
export function qualityOptions(
  args: readonly string[],
  names: readonly string[],
  own: Readonly<Record<string, string>> = {},
): QualityOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      ...Object.fromEntries(
        Object.entries(own).map(([name, value]) => [name, { type: 'string', default: value }] as const),
      ),
      rows: { type: 'string', default: '60000' },
      seeds: { type: 'string', default: '1,2,3' },
      sets: { type: 'string', default: '' },
    },
  });
  const rows = Number(values.rows);
  const seeds = values.seeds.split(',').map((seed) => (seed.trim() === '' ? NaN : Number(seed)));
  if (!Number.isInteger(rows) || rows < 1000)
    throw new RangeError(`--rows must be a whole number from 1000, got ${values.rows}; ${usage}`);
  if (!seeds.every((seed) => Number.isInteger(seed) && seed >= 0 && seed < 2 ** 31))
    throw new RangeError(`--seeds must be whole numbers from 0, with commas, got ${values.seeds}; ${usage}`);
  const parts = values.sets.split(',').map((part) => part.trim());
  const unknown = parts.find((part) => !names.some((name) => name.includes(part)));
  if (unknown !== undefined)
    throw new RangeError(`--sets has "${unknown}", which is in none of: ${names.join('; ')}; ${usage}`);
  const given: Readonly<Record<string, unknown>> = values;
  const found = Object.fromEntries(Object.keys(own).map((name) => [name, String(given[name])]));
  return { rows, seeds, own: found, isWanted: (set) => parts.some((part) => set.includes(part)) };
}
