import { openArtifactStore, openMetadata } from '@adstocrat/adapters';
import { type ExecutionRecord, removalOf, upstreamOf, type VersionRecord } from '@adstocrat/metadata';
import { systemFor, type SystemChoice } from './system-for.ts';
import { writeReports } from './write-reports.ts';

export interface ModelsOptions extends SystemChoice {
  readonly model?: string;
  readonly lineage?: boolean;
  /** Folder to write the versions' pages to. */
  readonly report?: string;
  readonly json?: boolean;
}

/** Lists versions with their evaluation, labels and share of the traffic, and with what they come from where asked to. */
export async function models(options: ModelsOptions): Promise<void> {
  await using system = await systemFor(options);
  const metadata = await openMetadata(system.databaseUrl);
  try {
    const tasks = (await metadata.listTasks()).map((task) => task.name);
    const names = options.model === undefined ? tasks : [options.model];
    const rows = [];
    const listed: VersionRecord[] = [];
    for (const model of names) {
      const deployment = await metadata.currentDeployment(model);
      for (const version of await metadata.listVersions(model)) {
        listed.push(version);
        const labels = Object.entries(deployment?.labels ?? {}).filter(([, number]) => number === version.version);
        const share = deployment?.split.find((one) => one.version === version.version)?.basisPoints ?? 0;
        const lineage = options.lineage === true ? await upstreamOf(metadata, version.uri) : undefined;
        rows.push({
          ...facts(version),
          labels: labels.map(([label]) => label),
          trafficPercent: share / 100,
          ...(lineage !== undefined && { lineage }),
        });
      }
    }
    if (options.report !== undefined) {
      const store = await openArtifactStore(system.artifactsUrl);
      for (const path of await writeReports(store, listed, options.report)) console.error(path);
    }
    if (options.json === true) console.log(JSON.stringify(rows));
    else if (rows.length === 0) console.log('no model yet: train one with `npx adstocrat run`');
    else {
      console.table(
        rows.map(({ labels, reasons, removed, lineage: _, ...row }) => ({
          ...row,
          labels: labels.join(' '),
          reasons: [...reasons, ...(removed === null ? [] : [removed])].join('; '),
        })),
      );
      for (const { model, version, lineage = [] } of rows)
        for (const [index, step] of lineage.entries())
          console.log(lineOf(index === 0 ? `${model} ${version}:` : '', step));
    }
  } finally {
    await metadata.close();
  }
}

/** One step: what it was, when it ended, and what it was made of. */
function lineOf(of: string, { id, inputs, endedAtMs }: ExecutionRecord): string {
  const shown = inputs.slice(0, 5).join(' ');
  const begin = of === '' ? '' : `${of}\n`;
  return `${begin}  ${id} ${new Date(endedAtMs).toISOString()} from ${shown}${inputs.length > 5 ? ` and ${inputs.length - 5} more` : ''}`;
}

function facts(version: VersionRecord): {
  readonly model: string;
  readonly version: number;
  readonly state: string;
  readonly blessed: boolean;
  readonly spans: string;
  readonly reasons: readonly string[];
  /** That its files were removed, and when; null while they are there. */
  readonly removed: string | null;
} {
  const { model, version: number, state, blessed, spans, reasons } = version;
  const removed = removalOf(version) ?? null;
  return { model, version: number, state, blessed, spans: spans.join(' '), reasons, removed };
}
