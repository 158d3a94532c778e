import type { Metadata } from '@adstocrat/metadata';
import type { LabelRule } from '@adstocrat/monitors';
import type { Clock } from '@adstocrat/service-kit';
import { parseDurationMs, parseTask, type Task } from '@adstocrat/tasks';

/** A model's task and what it says of labels. */
export interface KnownTask {
  readonly task: Task;
  readonly rule: LabelRule;
}

/** What the registry has. */
export interface RegisteredTasks {
  readonly tasks: ReadonlyMap<string, KnownTask>;
  /** Names of those that this version of the code can't read. */
  readonly unreadable: readonly string[];
  /** Wall time. */
  readonly readAtMs: number;
}

/** Wall milliseconds that what the registry said is used for. */
const freshMs = 5000;

/** Tasks as the registry has them. */
export class Tasks {
  readonly #metadata: Pick<Metadata, 'listTasks'>;
  readonly #graceMs: number;
  #known: RegisteredTasks | undefined;

  /** `graceMs`: wall milliseconds that a click may come late after its window. */
  constructor(metadata: Pick<Metadata, 'listTasks'>, clock: Clock, graceMs: number) {
    this.#metadata = metadata;
    this.#graceMs = Math.ceil(graceMs * clock.speed);
  }

  /** Every task that can be read, by name, which is its model's name too. */
  async all(): Promise<ReadonlyMap<string, KnownTask>> {
    return (await this.registered()).tasks;
  }

  /** Those too that can't be read. */
  async registered(): Promise<RegisteredTasks> {
    const nowMs = Date.now();
    if (this.#known !== undefined && nowMs - this.#known.readAtMs < freshMs) return this.#known;
    const tasks = new Map<string, KnownTask>();
    const unreadable: string[] = [];
    for (const { name, resolvedYaml } of await this.#metadata.listTasks()) {
      const task = tryParse(name, resolvedYaml);
      if (task === undefined) {
        unreadable.push(name);
        continue;
      }
      const rule = { windowMs: parseDurationMs(task.window), graceMs: this.#graceMs, opens: task.impressions };
      tasks.set(name, { task, rule });
    }
    this.#known = { tasks, unreadable, readAtMs: nowMs };
    return this.#known;
  }
}

/** A task that another version of this code wrote must not hold up those of other models. */
function tryParse(name: string, yaml: string): Task | undefined {
  try {
    return parseTask(yaml, `task "${name}"`);
  } catch {
    return undefined;
  }
}
