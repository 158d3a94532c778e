import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import type { EventBus, Topic } from '@adstocrat/event-bus';
import { PostgresEventBus } from '@adstocrat/event-bus-postgres';
import type { Jobs } from '@adstocrat/jobs';
import { PostgresJobs } from '@adstocrat/jobs-postgres';
import type { Metadata, VersionRecord } from '@adstocrat/metadata';
import { PostgresMetadata } from '@adstocrat/metadata-postgres';
import { testDatabase } from '@adstocrat/postgres';
import { topics } from '@adstocrat/schemas';
import type { events } from '@adstocrat/schemas';
import { Task, taskYaml } from '@adstocrat/tasks';

/** A real registry, real jobs and a real bus in a database of their own, for specs. */
export interface Registry {
  readonly databaseUrl: string;
  readonly metadata: Metadata;
  readonly jobs: Jobs;
  readonly bus: EventBus;
  /** The jobs of another process on the same database. */
  anotherJobs(): Jobs;
  putTask(name: string, change: Partial<Task>): Promise<void>;
  /** A version whose folder and digest are named after it. */
  putVersion(model: string, version: number, change: Partial<VersionRecord>): Promise<void>;
  /** The versions' states, by number. */
  states(model: string): Promise<Readonly<Record<number, string>>>;
  /** Resolves once the states are these, throws where they are not within 20 s. */
  waitForStates(model: string, wanted: Readonly<Record<number, string>>): Promise<void>;
  /** The first `count` events of a key, once they are there; then whatever else comes within a moment. */
  published<T>(topic: Topic<T>, key: string, count: number): Promise<readonly T[]>;
  publishedRevisions(model: string, count: number): Promise<readonly number[]>;
  close(): Promise<void>;
}

/** Leases of a second, looks every 20 ms: a spec need not wait. */
export const quick = { leaseMs: 1_000, pollMs: 20, firstPauseMs: 20 };

/** `relay`: whether what transactions publish goes to the bus. Default: it does. */
export async function openRegistry({ relay = true } = {}): Promise<Registry> {
  const database = await testDatabase();
  const metadata = PostgresMetadata.open(database.url);
  await metadata.migrate();
  const bus = new PostgresEventBus({ url: database.url });
  const opened: PostgresJobs[] = [];
  const anotherJobs = (): Jobs => {
    const jobs = PostgresJobs.open(database.url, quick);
    opened.push(jobs);
    return jobs;
  };
  const jobs = anotherJobs();
  await jobs.migrate();
  if (relay) jobs.relay(bus);
  const states: Registry['states'] = async (model) =>
    Object.fromEntries((await metadata.listVersions(model)).map(({ version, state }) => [version, state]));
  let groups = 0;
  const published = async <T>(topic: Topic<T>, key: string, count: number): Promise<readonly T[]> => {
    const seen: T[] = [];
    const { promise, resolve } = Promise.withResolvers<void>();
    const subscription = await bus.subscribe(topic, { group: `spec-${++groups}` }, (batch) => {
      seen.push(...batch.filter((event) => event.key === key).map((event) => event.event));
      if (seen.length >= count) resolve();
      return Promise.resolve();
    });
    const late = setTimeout(resolve, 20_000);
    await promise;
    clearTimeout(late);
    await subscription.close();
    return seen;
  };
  return {
    databaseUrl: database.url,
    metadata,
    jobs,
    bus,
    anotherJobs,
    putTask: async (name, change) => {
      const task = Task.parse({ name, data: { examples: ['*.csv'] }, label: 'clicked', ...change });
      await metadata.putTask({
        name,
        yaml: taskYaml(task),
        resolvedYaml: taskYaml(task),
        dataUri: 'file:///data',
        updatedAtMs: 0,
      });
    },
    putVersion: async (model, version, change) => {
      const record = versionRecord(model, version, change);
      const stands = await metadata.addVersion(record);
      if (stands.state !== record.state) await metadata.updateVersion(model, version, stands.state, change);
    },
    states,
    waitForStates: async (model, wanted) => {
      for (const end = Date.now() + 20_000; ; await sleep(20)) {
        const now = await states(model);
        if (isDeepStrictEqual(now, wanted)) return;
        if (Date.now() > end) throw new Error(`the states of ${model} are ${JSON.stringify(now)}`);
      }
    },
    published,
    publishedRevisions: async (model, count) => {
      const events: readonly events.DeploymentChanged[] = await published(topics.deploymentChanged, model, count);
      return events.map((event) => event.revision);
    },
    close: async () => {
      await Promise.all(opened.map((one) => one.close()));
      await bus.close();
      await metadata.close();
      await database.drop();
    },
  };
}

function versionRecord(model: string, version: number, change: Partial<VersionRecord>): VersionRecord {
  return {
    model,
    version,
    uri: `file:///artifacts/models/${model}/${version}`,
    digest: `digest-${version}`,
    runId: `run-${version}`,
    spans: [1],
    state: 'evaluating',
    blessed: false,
    reasons: [],
    updatedAtMs: 0,
    ...change,
  };
}

/** What training says of a version. */
export function trained(model: string, version: number): events.ModelTrained {
  return {
    task: model,
    model,
    version,
    uri: `file:///models/${model}/${version}`,
    digest: `digest-${version}`,
    runId: `run-${model}-${version}`,
    spans: [1],
    retrainId: '',
  };
}
