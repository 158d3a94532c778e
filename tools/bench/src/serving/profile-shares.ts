import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A CPU profile as V8 writes it. */
interface Profile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: { readonly functionName: string; readonly url: string };
    readonly children?: readonly number[];
  }[];
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

/** What a frame belongs to, the first that fits; a sample belongs to the nearest of its frames that does. */
const parts: readonly (readonly [part: string, url: RegExp])[] = [
  ['engine', /onnxruntime|libs\/inference\/.*(onnx-session|gathered-runs)/],
  ['transform', /libs\/transforms/],
  ['log', /apps\/serving\/src\/log|libs\/(segment-log|event-bus|postgres-client)|node_modules\/pg/],
  ['rows', /apps\/serving\/src\/infer|libs\/(inference|examples|servables)/],
  ['protocol', /apps\/serving|libs\/(schemas|service-kit)|node_modules|node:(internal\/)?(http|net|stream)/],
];

/** What is no answering: starting up, and waiting. */
const outside = /node:internal\/(modules|main)|^\((idle|program)\)$/;

/** Shares of the time that the processes whose profiles lie in a folder spent answering, by part; `collector` is garbage collection. */
export function profileShares(folder: string): Readonly<Record<string, number>> {
  const spent = new Map<string, number>();
  for (const name of readdirSync(folder).filter((one) => one.endsWith('.cpuprofile')))
    addTo(spent, JSON.parse(readFileSync(join(folder, name), 'utf8')) as Profile);
  const all = [...spent.values()].reduce((sum, us) => sum + us, 0);
  return Object.fromEntries([...spent].map(([part, us]) => [part, us / all]));
}

function addTo(spent: Map<string, number>, { nodes, samples, timeDeltas }: Profile): void {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const parent = new Map(nodes.flatMap(({ id, children = [] }) => children.map((child) => [child, id] as const)));
  const known = new Map<number, string | undefined>();
  const partOf = (id: number): string | undefined => {
    if (known.has(id)) return known.get(id);
    let part: string | undefined;
    for (let at: number | undefined = id; at !== undefined; at = parent.get(at)) {
      const { functionName, url } = byId.get(at)?.callFrame ?? { functionName: '', url: '' };
      if (outside.test(url) || outside.test(functionName)) {
        known.set(id, undefined);
        return undefined;
      }
      if (functionName === '(garbage collector)') part = 'collector';
      part ??= parts.find(([, fits]) => fits.test(url))?.[0];
    }
    known.set(id, part ?? 'rest');
    return part ?? 'rest';
  };
  for (const [at, sample] of samples.entries()) {
    const part = partOf(sample);
    if (part !== undefined) spent.set(part, (spent.get(part) ?? 0) + (timeDeltas[at] ?? 0));
  }
}
