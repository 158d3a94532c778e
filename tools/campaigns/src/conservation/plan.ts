import type { BrokerOutage } from '../ground/broker.ts';
import type { DatabaseOutage } from '../ground/database.ts';
import { type ServiceName, serviceNames } from '../ground/service-process.ts';

/** What one run of the campaign does. */
export interface Plan {
  readonly bus: 'postgres' | 'kafka';
  /** Of load, clicks and faults. */
  readonly seed: number;
  /** Rows to ask for, over all requests. */
  readonly predictions: number;
  /** Wall seconds over which they are spread. */
  readonly loadS: number;
  /** Sizes of requests, in rows; each as likely as the others. */
  readonly batches: readonly number[];
  /** Share of rows that are clicked, in any of the ways. */
  readonly clickShare: number;
  /** System milliseconds per wall millisecond. */
  readonly speed: number;
  /** The tasks' window, system milliseconds. */
  readonly windowMs: number;
  /** Wall milliseconds for which feedback takes clicks after a window's end. */
  readonly graceMs: number;
  readonly faults: FaultPlan;
  /** Services stay up: then each request is answered at once, and each click is taken or answered 503. */
  readonly onlyOutages: boolean;
  /** Wall seconds that everything may take to be drained after the last window's end. */
  readonly drainS: number;
}

export interface FaultPlan {
  /** SIGKILLs at random times: of every service in turn, of a random instance. */
  readonly kills: number;
  readonly databaseOutages: readonly { readonly how: DatabaseOutage; readonly ms: number }[];
  readonly brokerOutages: readonly { readonly how: BrokerOutage; readonly ms: number }[];
  /** Services to restart by SIGTERM, one instance after the other, once. */
  readonly rolling: readonly ServiceName[];
}

export interface PlanChoice {
  readonly bus: 'postgres' | 'kafka';
  readonly seed: number;
}

const minuteMs = 60_000;

/** The whole campaign: an hour of system time, 1,000,000 predictions, every fault. */
export function wholePlan(choice: PlanChoice, predictions = 1_000_000): Plan {
  const loadS = Math.max(420, predictions / 833);
  return {
    ...choice,
    predictions,
    loadS,
    batches: [1, 7, 32, 128],
    clickShare: 0.05,
    speed: Math.ceil(3600 / loadS),
    windowMs: 10 * minuteMs,
    graceMs: 5000,
    faults: {
      kills: 20,
      databaseOutages: [
        { how: 'freeze', ms: minuteMs },
        { how: 'kill', ms: minuteMs },
      ],
      brokerOutages:
        choice.bus === 'kafka'
          ? [
              { how: 'kill', ms: 2 * minuteMs },
              { how: 'freeze', ms: 2 * minuteMs },
            ]
          : [],
      rolling: serviceNames,
    },
    onlyOutages: false,
    drainS: 1200,
  };
}

/** The one that `npm test` runs: the same kinds of everything within a minute. */
export function smallPlan(choice: PlanChoice): Plan {
  return {
    ...choice,
    predictions: 12_000,
    loadS: 15,
    batches: [1, 7, 32, 128],
    clickShare: 0.05,
    // Ten minutes of window pass in five seconds.
    speed: 120,
    windowMs: 10 * minuteMs,
    graceMs: 2000,
    faults: {
      kills: 5,
      databaseOutages: [{ how: 'kill', ms: 3000 }],
      brokerOutages: choice.bus === 'kafka' ? [{ how: 'kill', ms: 3000 }] : [],
      rolling: ['serving', 'feedback'],
    },
    onlyOutages: false,
    drainS: 120,
  };
}

/** Thirty restarts of PostgreSQL, of each kind ten, under 100 predictions a second and clicks. */
export function restartsPlan(choice: PlanChoice): Plan {
  const kinds: readonly { readonly how: DatabaseOutage; readonly ms: number }[] = [
    { how: 'stop', ms: 2000 },
    { how: 'kill', ms: 2000 },
    { how: 'freeze', ms: minuteMs },
  ];
  const databaseOutages = Array.from({ length: 10 }, () => kinds).flat();
  // Each is followed by a pause of its own length's kind: what was held back must be taken in between.
  const loadS = databaseOutages.reduce((sum, { ms }) => sum + ms / 1000 + 20, 0);
  return {
    ...choice,
    predictions: Math.round(loadS * 100),
    loadS,
    batches: [1],
    clickShare: 0.2,
    speed: 10,
    windowMs: 10 * minuteMs,
    graceMs: 5000,
    faults: { kills: 0, databaseOutages, brokerOutages: [], rolling: [] },
    onlyOutages: true,
    drainS: 600,
  };
}
