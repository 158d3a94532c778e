import { setTimeout as sleep } from 'node:timers/promises';
import type { Random } from '@adstocrat/adworld';
import type { Ground } from '../ground/ground.ts';
import { healthy } from '../ground/health.ts';
import { serviceNames } from '../ground/service-process.ts';
import type { Plan } from './plan.ts';

export interface FaultOptions {
  readonly ground: Ground;
  readonly plan: Plan;
  readonly random: Random;
  readonly say: (sentence: string) => void;
}

/** What was done to the system. */
export interface FaultsDone {
  kills: number;
  databaseOutages: number;
  brokerOutages: number;
  rollingRestarts: number;
}

/** Outages and the rolling restart begin one after the other over this part of the load's time. */
const [fromShare, toShare] = [0.1, 0.9];

/** Does all of the plan's faults while the load runs: kills at any time, outages and the rolling restart one after the other. */
export async function faults(options: FaultOptions): Promise<FaultsDone> {
  const done: FaultsDone = { kills: 0, databaseOutages: 0, brokerOutages: 0, rollingRestarts: 0 };
  await Promise.all([kills(options, done), outages(options, done)]);
  return done;
}

async function kills({ ground, plan, random, say }: FaultOptions, done: FaultsDone): Promise<void> {
  const times = Array.from({ length: plan.faults.kills }, () => (0.03 + 0.92 * random.uniform()) * plan.loadS * 1000);
  const order = serviceNames.toSorted(() => random.uniform() - 0.5);
  const begunMs = performance.now();
  for (const atMs of times.toSorted((a, b) => a - b)) {
    await sleep(Math.max(0, begunMs + atMs - performance.now()));
    // Every service in its turn, of its instances one at random: no seed leaves one out.
    const instances = ground.of(order[done.kills % order.length] ?? 'serving');
    for (let killed = false; !killed;) {
      const service = instances[random.below(instances.length)];
      killed = service?.kill('SIGKILL') ?? false;
      if (killed) say(`killed ${service?.title ?? ''}`);
      else await sleep(20);
    }
    done.kills += 1;
  }
}

async function outages({ ground, plan, random, say }: FaultOptions, done: FaultsDone): Promise<void> {
  const { databaseOutages, brokerOutages, rolling } = plan.faults;
  const steps: (() => Promise<void>)[] = databaseOutages.map(({ how, ms }) => async () => {
    say(`the database goes away: ${how}, ${ms / 1000} s`);
    await ground.database.away(how, ms);
    done.databaseOutages += 1;
    say('the database is back');
  });
  for (const { how, ms } of brokerOutages) {
    // Not all of the one after all of the other: between the database's.
    steps.splice(1 + 2 * done.brokerOutages, 0, async () => {
      say(`the broker goes away: ${how}, ${ms / 1000} s`);
      await ground.broker?.away(how, ms);
      done.brokerOutages += 1;
      say('the broker is back');
    });
  }
  if (rolling.length > 0) {
    steps.splice(Math.ceil(steps.length / 2), 0, async () => {
      say(`every one of ${rolling.join(', ')} is restarted in turn`);
      for (const service of rolling.flatMap((name) => ground.of(name))) {
        service.kill('SIGTERM');
        // The old one still answers until it has ended.
        for (const { pid } = service; pid !== undefined && service.pid === pid;) await sleep(50);
        await healthy(service, 180_000);
      }
      done.rollingRestarts += 1;
      say('the rolling restart is over');
    });
  }
  const begunMs = performance.now();
  const slotMs = ((toShare - fromShare) * plan.loadS * 1000) / Math.max(1, steps.length);
  for (const [number, step] of steps.entries()) {
    const startMs = fromShare * plan.loadS * 1000 + slotMs * (number + 0.1 * random.uniform());
    await sleep(Math.max(0, begunMs + startMs - performance.now()));
    await step();
  }
}
