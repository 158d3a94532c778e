import type { ExampleEngine } from '@adstocrat/example-engine';

/** Values of the image column with the sha256 hex of their images, over all spans: a later span's counts. */
export async function imageNames(
  engine: ExampleEngine,
  indexes: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const names = new Map<string, string>();
  for (const path of indexes)
    for await (const { columns } of engine.batches(await engine.openParquet([path]))) {
      const digests = columns.get('sha256')?.values ?? [];
      for (const [row, value] of (columns.get('value')?.values ?? []).entries())
        names.set(String(value), String(digests[row]));
    }
  return names;
}
