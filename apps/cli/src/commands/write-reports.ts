import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { ArtifactNotFound, type ArtifactStore, joinUri, pathBelow, readBytes } from '@adstocrat/artifact-store';
import type { VersionRecord } from '@adstocrat/metadata';

/**
 * Writes the pages of versions into a folder, `<model>-<version>-training.html` and, once evaluated, `…-evaluation.html`, and what TensorBoard reads below
 * `tensorboard/<model>-<version>`. Gives the paths of the pages. A version of before there were such files has none.
 */
export async function writeReports(
  store: ArtifactStore,
  versions: readonly VersionRecord[],
  folder: string,
): Promise<readonly string[]> {
  await mkdir(folder, { recursive: true });
  const paths: string[] = [];
  for (const { model, version, uri, evaluationUri } of versions) {
    await writeEvents(store, uri, join(folder, 'tensorboard', `${model}-${version}`));
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

/** The events of a version's trials: a folder each, as TensorBoard shows runs. */
async function writeEvents(store: ArtifactStore, uri: string, folder: string): Promise<void> {
  const below = joinUri(uri, 'tensorboard');
  try {
    for await (const { uri: file } of store.list(`${below}/`)) {
      const path = join(folder, pathBelow(below, file));
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, await readBytes(store, file));
    }
  } catch (error) {
    if (!(error instanceof ArtifactNotFound)) throw error;
  }
}
