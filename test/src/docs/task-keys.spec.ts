import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Task } from '@adstocrat/tasks';

const lines = readFileSync(resolve(import.meta.dirname, '../../../docs/training.md'), 'utf8').split('\n');

/** Names in the first cells of the table with this heading. */
function namesUnder(heading: string): readonly string[] {
  const start = lines.indexOf(heading) + 2;
  const rows = lines.slice(start, lines.indexOf('', start));
  return rows.flatMap((row) => [...(row.split(' | ')[0] ?? '').matchAll(/`(\w+)`/g)].map(([, name]) => name ?? ''));
}

describe('docs/training.md', () => {
  it('has every key of a task', () => {
    // Written as `none` under the role's own key.
    const keys = Object.keys(Task.out.shape).filter((key) => key !== 'notGuessed');
    expect(namesUnder('| key | says | more |').toSorted()).toEqual(keys.toSorted());
  });

  it('has every key of its training', () => {
    const keys = Object.keys(Task.out.shape.training.unwrap().shape);
    expect(namesUnder('| `training` in task.yaml | default | |').toSorted()).toEqual(keys.toSorted());
  });
});
