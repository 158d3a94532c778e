import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ArtifactNotFound, type ArtifactStore, joinUri, readBytes } from '@adstocrat/artifact-store';
import type { VersionRecord } from '@adstocrat/metadata';

/**
 * Writes the pages of versions into a folder, `<model>-<version>-training.html` and, once evaluated, `…-evaluation.html`. Gives the paths. A version of before
 * there were such pages has none.
 */
export async function writeReports(
  store: ArtifactStore,
  versions: readonly VersionRecord[],
  folder: string,
): Promise<readonly string[]> {
  await mkdir(folder, { recursive: true });
  const paths: string[] = [];
  for (const { model, version, uri, evaluationUri } of versions) {
    const pages = [
      { kind: 'training', at: joinUri(uri, 'report.html') },
      ...(evaluationUri === undefined
        ? []
        : [{ kind: 'evaluation', at: evaluationUri.replace(/[^/]*$/, 'report.html') }]),
    ];
    for (const { kind, at } of pages) {
      const page = await readBytes(store, at).catch((error: unknown) => {
        if (error instanceof ArtifactNotFound) return undefined;
        throw error;
      });
      if (page === undefined) continue;
      const path = join(folder, `${model}-${version}-${kind}.html`);
      await writeFile(path, page);
      paths.push(path);
    }
  }
  return paths;
}
