// npm run campaign -- NAME
import type { CampaignReport } from './campaign-report.ts';

const campaigns: Readonly<Record<string, () => Promise<CampaignReport>>> = {
  kafka: async () => (await import('./story-on-kafka.ts')).storyOnKafka(),
  kills: async () => (await import('./kills.ts')).killCampaign(),
};

const name = process.argv[2];
const campaign = name === undefined ? undefined : campaigns[name];
if (campaign === undefined) {
  console.error(`usage: npm run campaign -- NAME, with NAME one of: ${Object.keys(campaigns).join(', ')}`);
  process.exitCode = 2;
} else {
  const report = await campaign();
  console.log(JSON.stringify(report));
  process.exitCode = report.bars.every(({ holds }) => holds) ? 0 : 1;
}
