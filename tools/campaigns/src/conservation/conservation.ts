import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { openEventBus } from '@adstocrat/adapters';
import { Random } from '@adstocrat/adworld';
import { broken, type CampaignReport, exactly } from '../campaign-report.ts';
import { Ground } from '../ground/ground.ts';
import { readBus } from './bus-record.ts';
import { ClickLoad } from './click-load.ts';
import { deliverAgain } from './deliver-again.ts';
import { faults } from './faults.ts';
import { firstModels } from './first-models.ts';
import { rowsInLiveSpans } from './live-spans.ts';
import { type Joined, joined } from './joined.ts';
import type { Plan } from './plan.ts';
import { PredictionLoad } from './prediction-load.ts';
import { type AcceptedClick, type AnsweredRequest, SentLog } from './sent-log.ts';
import { SystemClock } from './system-clock.ts';
import { verdict } from './verdict.ts';

/**
 * Two of every service under load and faults, and then the count: every row that was answered is logged, joined and labelled exactly
 * once, with the label that an independent reference gives it.
 */
export async function conservation(bench: string, plan: Plan, options: ConservationOptions): Promise<CampaignReport> {
  const folder = mkdtempSync(join(tmpdir(), `adstocrat-${bench}-`));
  const begunMs = performance.now();
  const tell = (sentence: string): void => {
    options.say(`${((performance.now() - begunMs) / 1000).toFixed(1).padStart(7)} s  ${sentence}`);
  };
  tell(`${bench} on ${plan.bus}, seed ${plan.seed}, in ${folder}`);
  const clock = new SystemClock(plan.speed);
  const environment = { ...clock.environment, GRACE_MS: String(plan.graceMs) };
  let wrong: readonly string[] = ['it did not end'];
  let report: CampaignReport;
  try {
    const ground = await Ground.start({ folder, bus: plan.bus, instances: 2, environment });
    try {
      tell('two of every service are healthy');
      report = await underLoad({ bench, plan, folder, clock, ground, tell });
      wrong = broken(report);
    } finally {
      await ground.stop();
    }
  } finally {
    if (wrong.length > 0) tell(`${wrong.join('; ')}. ${options.forget ? '' : `Everything is kept in ${folder}`}`);
    if (wrong.length === 0 || options.forget) rmSync(folder, { recursive: true, force: true });
  }
  return { ...report, figures: { ...report.figures, seconds: Math.round((performance.now() - begunMs) / 1000) } };
}

export interface ConservationOptions {
  /** Hears what happens. */
  readonly say: (sentence: string) => void;
  /** Also removes the folder of a run in which a bar does not hold. */
  readonly forget: boolean;
}

interface Run {
  readonly bench: string;
  readonly plan: Plan;
  readonly folder: string;
  readonly clock: SystemClock;
  readonly ground: Ground;
  readonly tell: (sentence: string) => void;
}

async function underLoad(run: Run): Promise<CampaignReport> {
  const { bench, plan, folder, clock, ground, tell } = run;
  const random = (part: string): Random => new Random(plan.seed, part);
  await firstModels(ground, folder, plan.windowMs, random('training'));
  tell('both models are served by every instance');
  mkdirSync(join(folder, 'sent'));
  const answered = new SentLog<AnsweredRequest>(join(folder, 'sent', 'answered.ndjson'));
  const accepted = new SentLog<AcceptedClick>(join(folder, 'sent', 'clicks.ndjson'));
  const rule = { windowMs: plan.windowMs, graceMs: plan.graceMs * plan.speed };
  const bus = await openEventBus(ground.eventBusUrl, { client: 'campaign' });
  try {
    const urls = ground.of('feedback').map(({ restUrl }) => restUrl);
    const clicks = new ClickLoad({ clock, urls, bus, accepted });
    const predictions = new PredictionLoad({
      plan,
      random: random('load'),
      clock,
      serving: ground.of('serving'),
      clicks,
      clickTimes: { ...rule, marginMs: 3000 * plan.speed },
      answered,
    });
    const [faultsOver, loaded] = [new AbortController(), new AbortController()];
    const clicking = clicks.run(loaded.signal);
    const telling = setInterval(() => {
      tell(
        `${predictions.rowsAnswered} of ${predictions.rowsAsked} rows answered, ${clicks.kinds.sum} clicks accepted`,
      );
    }, 10_000);
    const [done] = await Promise.all([
      faults({ ground, plan, random: random('faults'), say: tell }).finally(() => {
        faultsOver.abort();
      }),
      predictions.run(faultsOver.signal),
    ]);
    loaded.abort();
    const lastServedMs = clock.nowMs();
    tell(`load is over; attempts without an answer: ${predictions.retries.toString()}`);
    await clicking;
    clearInterval(telling);
    tell(`clicks are sent; not accepted at once: ${clicks.refusals.toString()}`);
    await Promise.all([answered.close(), accepted.close()]);
    await sleep(Math.max(0, clock.wallAt(lastServedMs + rule.windowMs + rule.graceMs) - Date.now()));
    const labelled = await drained(run, predictions.rowsAnswered);
    const record = await readBus(bus, clock);
    const again = await deliverAgain(bus, { ground, clock, withinS: plan.drainS });
    tell(`${again.predictions} predictions and ${again.labels} labels were delivered again`);
    const liveRows = await rowsInLiveSpans(ground, plan.drainS);
    tell(`${liveRows} rows in live spans`);
    const totals = await repetitionsFound(run, labelled);
    tell(`joined ${totals.predictions}, labelled ${totals.labelled}. ${totals.words}`);
    const { figures, bars, examples } = await verdict({
      bus: plan.bus,
      answered,
      accepted,
      record,
      joined: totals,
      liveRows,
      rule,
    });
    for (const example of [...predictions.failed, ...clicks.rejected].slice(0, 10)) tell(`failed: ${example}`);
    for (const example of examples) tell(example);
    tell(`ended: ${ground.services.map(({ title, ends }) => `${title}: ${ends.toString()}`).join('; ')}`);
    return {
      bench,
      figures: {
        seed: plan.seed,
        requests: predictions.requests,
        retries: predictions.retries.sum,
        clicksRefused: clicks.refusals.sum,
        slowestRefusalMs: Math.round(clicks.slowestRefusalMs),
        ...figures,
      },
      peers: {},
      bars: [
        exactly('kills', done.kills, plan.faults.kills),
        exactly('databaseOutages', done.databaseOutages, plan.faults.databaseOutages.length),
        exactly('brokerOutages', done.brokerOutages, plan.faults.brokerOutages.length),
        exactly('rollingRestarts', done.rollingRestarts, plan.faults.rolling.length > 0 ? 1 : 0),
        exactly('requestsFailed', predictions.failed.length, 0),
        exactly('clicksRejected', clicks.rejected.length, 0),
        exactly('endedByThemselves', endedByThemselves(ground), 0),
        ...(plan.onlyOutages
          ? [
              exactly('attemptsWithoutAnswer', predictions.retries.sum, 0),
              exactly('clicksRefusedOtherThan503', clicks.refusals.sum - clicks.refusals.of('503'), 0),
            ]
          : []),
        ...bars,
      ],
    };
  } finally {
    await bus.close();
  }
}

/** Services that ended otherwise than by a signal, or in good order when they were told to. */
function endedByThemselves({ services }: Ground): number {
  const asTold = ['SIGKILL', 'SIGTERM', 'exit 0'];
  return services.reduce((sum, { ends }) => asTold.reduce((rest, how) => rest - ends.of(how), sum + ends.sum), 0);
}

/**
 * Feedback's totals once it has found out, a window later, which predictions it had before; what they are by then where that takes too
 * long. Clicks that were sent last are in them.
 */
async function repetitionsFound({ plan, ground }: Run, before: Joined): Promise<Joined> {
  let last = before;
  for (const until = Date.now() + plan.drainS * 1000; Date.now() < until; await sleep(1000)) {
    const totals = await joined(ground);
    last = totals ?? last;
    if (totals !== undefined && totals.predictions === totals.labelled) break;
  }
  return last;
}

/** Feedback's totals once all that were answered are labelled; what they are by then where that takes too long. */
async function drained({ plan, ground, tell }: Run, answered: number): Promise<Joined> {
  let last: Joined = { predictions: 0, labelled: 0, clicks: 0, clicksTaken: 0, words: '' };
  for (const until = Date.now() + plan.drainS * 1000; Date.now() < until; await sleep(1000)) {
    const before = last;
    last = (await joined(ground)) ?? last;
    const still = last.predictions === before.predictions && last.labelled === before.labelled;
    // Rows that nobody was answered may come after all the others.
    if (still && last.labelled >= answered && last.labelled === last.predictions) return last;
    if (!still) tell(`waiting: ${last.predictions} joined and ${last.labelled} labelled of ${answered} answered`);
  }
  tell(`not drained within ${plan.drainS} s`);
  return last;
}
