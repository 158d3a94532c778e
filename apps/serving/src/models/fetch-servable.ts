import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { downloadArtifact, fetchByManifest, readRoot } from '@adstocrat/artifact-folders';
import { type ArtifactStore, joinUri } from '@adstocrat/artifact-store';
import type { ServableManifest } from '@adstocrat/servables';

/** A version as a deployment names it. */
export interface WantedVersion {
  readonly version: number;
  readonly uri: string;
  readonly digest: string;
}

/** Where a version lies on this machine. */
export function servableFolder(workDir: string, model: string, { version, digest }: WantedVersion): string {
  return join(workDir, 'models', model, `${version}-${digest.slice(0, 12)}`);
}

/** Copies a servable to local disk, where it is whole or absent. What is there already is taken. */
export async function fetchServable(
  store: ArtifactStore,
  workDir: string,
  model: string,
  wanted: WantedVersion,
): Promise<string> {
  const folder = servableFolder(workDir, model, wanted);
  if (existsSync(folder)) return folder;
  const partial = `${folder}.part`;
  rmSync(partial, { recursive: true, force: true });
  mkdirSync(partial, { recursive: true });
  try {
    const { files } = await readRoot<ServableManifest>(store, wanted.uri, 'servable.json', wanted.digest);
    await fetchByManifest(store, wanted.uri, files, partial);
    await downloadArtifact(store, joinUri(wanted.uri, 'servable.json'), join(partial, 'servable.json'));
    renameSync(partial, folder);
    return folder;
  } finally {
    // Where the disk is full, what was copied so far is room for others.
    rmSync(partial, { recursive: true, force: true });
  }
}

/** Removes a model's folders but for those of these versions. */
export function keepOnly(workDir: string, model: string, wanted: readonly WantedVersion[]): void {
  const folder = join(workDir, 'models', model);
  if (!existsSync(folder)) return;
  const kept = new Set(wanted.map((version) => servableFolder(workDir, model, version)));
  for (const name of readdirSync(folder)) {
    if (!kept.has(join(folder, name))) rmSync(join(folder, name), { recursive: true, force: true });
  }
}
