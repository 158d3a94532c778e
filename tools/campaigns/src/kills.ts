import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type CampaignReport, exactly } from './campaign-report.ts';
import { jsonOf, startCommand } from './command.ts';
import type { DemoSummary } from './demo-summary.ts';
import { type Kill, killServices } from './kill-services.ts';

/** One kill for each service, in the middle of its own work. */
const kills: readonly Kill[] = [
  { service: 'ingestion', when: /^ {2}(scan|images|split|statistics|download)/ },
  { service: 'training', when: /^ {2}train / },
  { service: 'evaluation', when: /^model version 1 trained/ },
  { service: 'serving', when: /^ {2}calm [1-9]/ },
  { service: 'feedback', when: /^ {2}collecting clicks/ },
];

/** The whole demo with every service killed once: it must end as without, in a new blessed version and without a failed request. */
export async function killCampaign(): Promise<CampaignReport> {
  const folder = mkdtempSync(join(tmpdir(), 'adstocrat-kills-'));
  try {
    const killer = killServices(kills);
    const command = startCommand(['start', '--home', join(folder, 'home'), '--free-ports', '--once', '--json'], {
      onLine: (line) => {
        console.error(line);
        killer.onLine(line, command.process.pid ?? 0);
      },
    });
    const summary = jsonOf<DemoSummary>(await command.ended);
    const { versions, requestsFailed, requestsSent, driftDetectedAfterS, newVersionInServiceAfterS, seconds } = summary;
    return {
      bench: 'kills',
      figures: { requestsSent, driftDetectedAfterS, newVersionInServiceAfterS, seconds },
      peers: {},
      bars: [
        exactly('servicesKilled', killer.killed.length, kills.length),
        exactly('blessedVersions', versions.filter(({ blessed }) => blessed).length, 2),
        exactly('requestsFailed', requestsFailed, 0),
      ],
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
