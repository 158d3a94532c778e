import { openMetadata } from '@adstocrat/adapters';
import type { VersionRecord } from '@adstocrat/metadata';
import { systemFor, type SystemChoice } from './system-for.ts';

export interface ModelsOptions extends SystemChoice {
  readonly model?: string;
  readonly json?: boolean;
}

/** Lists versions with their evaluation, labels and share of the traffic. */
export async function models(options: ModelsOptions): Promise<void> {
  await using system = await systemFor(options);
  const metadata = await openMetadata(system.databaseUrl);
  try {
    const tasks = (await metadata.listTasks()).map((task) => task.name);
    const names = options.model === undefined ? tasks : [options.model];
    const rows = [];
    for (const model of names) {
      const deployment = await metadata.currentDeployment(model);
      for (const version of await metadata.listVersions(model)) {
        const labels = Object.entries(deployment?.labels ?? {}).filter(([, number]) => number === version.version);
        const share = deployment?.split.find((one) => one.version === version.version)?.basisPoints ?? 0;
        rows.push({ ...facts(version), labels: labels.map(([label]) => label), trafficPercent: share / 100 });
      }
    }
    if (options.json === true) console.log(JSON.stringify(rows));
    else if (rows.length === 0) console.log('no model yet: train one with `npx adstocrat run`');
    else {
      console.table(
        rows.map(({ labels, reasons, ...row }) => ({ ...row, labels: labels.join(' '), reasons: reasons.join('; ') })),
      );
    }
  } finally {
    await metadata.close();
  }
}

function facts(version: VersionRecord): {
  readonly model: string;
  readonly version: number;
  readonly state: string;
  readonly blessed: boolean;
  readonly spans: string;
  readonly reasons: readonly string[];
} {
  const { model, version: number, state, blessed, spans, reasons } = version;
  return { model, version: number, state, blessed, spans: spans.join(' '), reasons };
}
