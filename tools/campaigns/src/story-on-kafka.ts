import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startKafka } from '@adstocrat/kafka';
import { type CampaignReport, exactly } from './campaign-report.ts';
import { jsonOf, runCommand } from './command.ts';
import type { DemoSummary } from './demo-summary.ts';

/** The whole demo with Kafka as its event bus: it must end as on the PostgreSQL log. */
export async function storyOnKafka(): Promise<CampaignReport> {
  const folder = mkdtempSync(join(tmpdir(), 'adstocrat-kafka-story-'));
  const kafka = await startKafka();
  try {
    const environment = { EVENT_BUS_URL: `kafka://${kafka.brokers.join(',')}` };
    const summary = jsonOf<DemoSummary>(
      await runCommand(['start', '--home', join(folder, 'home'), '--free-ports', '--once', '--json'], {
        environment,
        onLine: (line) => {
          console.error(line);
        },
      }),
    );
    const { versions, requestsFailed, requestsSent, driftDetectedAfterS, newVersionInServiceAfterS, seconds } = summary;
    return {
      bench: 'kafka',
      figures: { requestsSent, driftDetectedAfterS, newVersionInServiceAfterS, seconds },
      peers: {},
      bars: [
        exactly('blessedVersions', versions.filter(({ blessed }) => blessed).length, 2),
        exactly('requestsFailed', requestsFailed, 0),
      ],
    };
  } finally {
    await kafka.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}
