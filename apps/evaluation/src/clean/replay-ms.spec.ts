import { describe, expect, it } from 'vitest';
import { Task, taskYaml } from '@adstocrat/tasks';
import { replayMs } from './replay-ms.ts';

const hour = 3_600_000;
const tasks = (...changes: readonly Partial<Task>[]) => ({
  listTasks: () =>
    Promise.resolve(
      changes.map((change, index) => {
        const task = Task.parse({ name: `t${index}`, data: { examples: ['*.csv'] }, label: 'clicked', ...change });
        return { name: task.name, yaml: '', resolvedYaml: taskYaml(task), dataUri: '', updatedAtMs: 0 };
      }),
    ),
});

describe('replayMs', () => {
  // Of the longest window a quarter for the slice and twice the way to a label; three days of slack.
  it.each([
    { why: 'a window of a day', of: [{ window: '1d' }], speed: 1, hours: 6 + 2 * 24 + 72 },
    { why: 'the longest of two', of: [{ window: '1h' }, { window: '1d' }], speed: 1, hours: 6 + 2 * 24 + 72 },
    // A window then opens up to a window after the answer.
    {
      why: 'impressions',
      of: [{ window: '1d', impressions: 'impression' as const }],
      speed: 1,
      hours: 6 + 4 * 24 + 72,
    },
    { why: 'a short window: a slice has an hour', of: [{ window: '1h' }], speed: 1, hours: 1 + 2 + 72 },
    { why: 'a clock that is fast', of: [{ window: '1d' }], speed: 24, hours: (6 + 2 * 24) / 24 + 72 },
    { why: 'no task', of: [], speed: 1, hours: 1 + 72 },
  ])('is $hours hours for $why', async ({ of, speed, hours }) => {
    expect(await replayMs(tasks(...of), speed, 0)).toBe(hours * hour);
  });

  it('goes by what feedback has, where it is behind and has more', async () => {
    const task = tasks({ window: '1d' });
    expect(await replayMs(task, 1, 300 * hour)).toBe((300 + 72) * hour);
    expect(await replayMs(task, 1, 10 * hour)).toBe((54 + 72) * hour);
    expect(await replayMs(task, 24, 240 * hour)).toBe((10 + 72) * hour);
  });

  it('has no end while a task cannot be read: nothing is dropped then', async () => {
    const [record] = await tasks({}).listTasks();
    const unreadable = { listTasks: () => Promise.resolve([{ ...record!, resolvedYaml: 'of: tomorrow' }]) };
    expect(await replayMs(unreadable, 1, 0)).toBe(Infinity);
  });
});
