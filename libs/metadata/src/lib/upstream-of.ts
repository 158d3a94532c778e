import type { Lineage } from './metadata.ts';
import type { ExecutionRecord } from './records.ts';

/** Steps at most: a lineage is some ten steps deep, and each has few inputs that were made here. */
const most = 1000;

/** The steps that an artifact comes from, its own first, each once, down to what came from outside. */
export async function upstreamOf(lineage: Pick<Lineage, 'makerOf'>, uri: string): Promise<readonly ExecutionRecord[]> {
  const found = new Map<string, ExecutionRecord>();
  const asked = new Set([uri]);
  for (const artifact of asked) {
    const maker = await lineage.makerOf(artifact);
    if (maker === undefined || found.has(maker.id)) continue;
    found.set(maker.id, maker);
    if (found.size >= most) break;
    for (const input of maker.inputs) asked.add(input);
  }
  return [...found.values()];
}
