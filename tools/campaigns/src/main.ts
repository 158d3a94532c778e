// npm run campaign -- NAME, see the README for the options
import { parseArgs } from 'node:util';
import type { CampaignReport } from './campaign-report.ts';
import type { PlanChoice } from './conservation/plan.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    bus: { type: 'string', default: 'postgres' },
    seed: { type: 'string' },
    predictions: { type: 'string' },
    rows: { type: 'string' },
    changes: { type: 'string' },
    versions: { type: 'string' },
    kills: { type: 'string' },
    small: { type: 'boolean', default: false },
    forget: { type: 'boolean', default: false },
    only: { type: 'string' },
    help: { type: 'boolean', short: 'h', default: false },
  },
});
const bus = (['postgres', 'kafka'] as const).find((name) => name === values.bus);
if (bus === undefined) {
  console.error(`--bus is postgres or kafka, got "${values.bus}"`);
  process.exit(2);
}
const choice: PlanChoice = {
  bus,
  seed: Number(values.seed ?? Date.now() % 1_000_000),
};
const say = (sentence: string): void => {
  console.error(sentence);
};

const campaigns: Readonly<Record<string, () => Promise<CampaignReport>>> = {
  conservation: async () => {
    const [{ conservation }, { smallPlan, wholePlan }] = await Promise.all([
      import('./conservation/conservation.ts'),
      import('./conservation/plan.ts'),
    ]);
    const plan = values.small
      ? smallPlan(choice)
      : wholePlan(choice, values.predictions === undefined ? undefined : Number(values.predictions));
    return conservation('conservation', plan, { say, forget: values.forget });
  },
  restarts: async () => {
    const [{ conservation }, { restartsPlan }] = await Promise.all([
      import('./conservation/conservation.ts'),
      import('./conservation/plan.ts'),
    ]);
    return conservation('restarts', restartsPlan(choice), { say, forget: values.forget });
  },
  cures: async () =>
    (await import('./cures/without-cures.ts')).withoutCures({
      ...choice,
      say,
      ...(values.only === undefined ? undefined : { only: values.only }),
    }),
  'train-kills': async () => (await import('./train-kills/train-kills.ts')).trainKills(choice.seed, say),
  'ingest-kills': async () =>
    (await import('./ingest-kills/ingest-kills.ts')).ingestKills({
      rows: Number(values.rows ?? 5_000_000),
      kills: Number(values.kills ?? 50),
      seed: choice.seed,
      say,
    }),
  'batch-kills': async () =>
    (await import('./batch-kills/batch-kills.ts')).batchKills(
      { rows: Number(values.rows ?? 400_000), kills: 20, seed: choice.seed },
      say,
    ),
  replay: async () =>
    (await import('./replay/replay.ts')).replay({
      predictions: Number(values.predictions ?? 100_000),
      versions: Number(values.versions ?? 10),
      seed: choice.seed,
      say,
    }),
  'strange-files': async () => (await import('./strange-files/strange-files.ts')).strangeFiles(values.only, say),
  swaps: async () => {
    const { smallSwapPlan, swaps, wholeSwapPlan } = await import('./swaps/swaps.ts');
    return swaps(values.small ? smallSwapPlan : wholeSwapPlan, say);
  },
  mutations: async () =>
    (await import('./mutations/mutations.ts')).mutations({
      only: values.only,
      changes: values.changes === undefined ? undefined : Number(values.changes),
      seed: choice.seed,
      say,
    }),
  'transform-bytes': async () =>
    (await import('./transform-bytes/transform-bytes.ts')).transformBytes({
      rows: Number(values.rows ?? 1_000_000),
      say,
    }),
  kafka: async () => (await import('./story-on-kafka.ts')).storyOnKafka(),
  ports: async () => (await import('./two-commands.ts')).twoCommands(10),
  kills: async () => (await import('./kills.ts')).killCampaign(),
};

const usage = `npm run campaign -- NAME, with NAME one of: ${Object.keys(campaigns).join(', ')}
options, each of some of them: --bus postgres|kafka, --seed N, --small, --rows N, --predictions N, --versions N, --kills N, --changes N, --only WORDS, --forget
What happens in each and what must hold: tools/campaigns/README.md`;
const [name = ''] = positionals;
const campaign = Object.hasOwn(campaigns, name) ? campaigns[name] : undefined;
if (values.help) {
  console.log(usage);
} else if (campaign === undefined) {
  console.error(`${name === '' ? 'which campaign?' : `there is no campaign "${name}"`}\n\n${usage}`);
  process.exitCode = 2;
} else {
  const report = await campaign();
  console.log(JSON.stringify(report));
  process.exitCode = report.bars.every(({ holds }) => holds) ? 0 : 1;
}
