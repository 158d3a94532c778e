import type { Tasks } from '@adstocrat/metadata';
import { type LabelRule, predictionsKeptMs } from '@adstocrat/monitors';
import { parseDurationMs, parseTask } from '@adstocrat/tasks';

/**
 * Wall milliseconds that an answer may take to the bus, on a server's disk, a day by serving's default, and that a fact may come late after its window, a day at most,
 * for which feedback keeps twice as much.
 */
const slackMs = 3 * 86_400_000;

/**
 * Wall milliseconds after a version's last answer in which feedback may still have it, where nothing is behind: what `replay` needs the
 * version for. Infinity while a task can't be read: feedback then drops nothing. `keptMs`: system milliseconds back to the oldest prediction
 * that feedback has; 0 where it is not known.
 */
export async function replayMs(tasks: Pick<Tasks, 'listTasks'>, clockSpeed: number, keptMs: number): Promise<number> {
  const rules: LabelRule[] = [];
  for (const { name, resolvedYaml } of await tasks.listTasks()) {
    try {
      const task = parseTask(resolvedYaml, `task "${name}"`);
      rules.push({ windowMs: parseDurationMs(task.window), graceMs: 0, opens: task.impressions });
    } catch {
      return Infinity;
    }
  }
  return Math.max(keptMs, predictionsKeptMs(rules, clockSpeed)) / clockSpeed + slackMs;
}
