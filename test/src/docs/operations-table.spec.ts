import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type AnyOperation, operations } from '@adstocrat/transforms';

const lines = readFileSync(resolve(import.meta.dirname, '../../../docs/training.md'), 'utf8').split('\n');

/** Told below the table: how times are written, and what other texts are. */
const toldOfTimes: ReadonlySet<string> = new Set(['format', 'others']);

/** The operation's row: parameters with their defaults, bold where they must be given. */
function rowOf({ name, summary, parameters }: AnyOperation): string {
  const { properties = {}, required = [] } = parameters.toJSONSchema({ io: 'input' });
  const told = Object.entries(properties).flatMap(([key, schema]) => {
    if (toldOfTimes.has(key)) return [];
    if (required.includes(key)) return [`**${key}**`];
    const given = typeof schema === 'object' ? schema.default : undefined;
    return [given === undefined ? key : `${key} ${JSON.stringify(given).replaceAll('|', '\\|')}`];
  });
  return `| \`${name}\` | ${summary} | ${told.join(', ')} |`;
}

describe('the table of operations in docs/training.md', () => {
  it('has each as it is, in the order of the index', () => {
    const expected = operations.map(rowOf);
    const start = lines.indexOf('| operation | gives | parameters |') + 2;
    expect(lines.slice(start, lines.indexOf('', start))).toEqual(expected);
  });
});
