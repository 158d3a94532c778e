import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { cp, mkdir, readdir, rename, rm } from 'node:fs/promises';
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
  return join(modelFolder(workDir, model), `${version}-${digest.slice(0, 12)}`);
}

/** A model may be called anything, and its folder be none but its own. */
function modelFolder(workDir: string, model: string): string {
  const name = /^[\w-][\w.-]{0,99}$/.test(model) ? model : createHash('sha256').update(model).digest('hex');
  return join(workDir, 'models', name);
}

/** Where a version may come from. */
export interface ServablePlaces {
  /** This process's own, where it goes to. */
  readonly workDir: string;
  /** Of other processes on this machine. */
  readonly neighbours: readonly string[];
}

/**
 * Copies a servable to local disk, where it is whole or absent. What is there already is taken, and what a neighbour has need not be
 * fetched: a process that takes another's place starts from it, also where the store is away. Whoever opens it checks every file.
 */
export async function fetchServable(
  places: ServablePlaces & { readonly store: ArtifactStore },
  model: string,
  wanted: WantedVersion,
): Promise<string> {
  return fetchVersion(places, model, wanted, (partial) => download(places.store, wanted, partial));
}

/** The same for any version, which `download` brings into a folder. */
export async function fetchVersion(
  places: ServablePlaces,
  model: string,
  wanted: WantedVersion,
  download: (folder: string) => Promise<void>,
): Promise<string> {
  const folder = servableFolder(places.workDir, model, wanted);
  if (existsSync(folder)) return folder;
  const partial = `${folder}.part`;
  await rm(partial, { recursive: true, force: true });
  try {
    if (!(await copyFromNeighbour(places, model, wanted, partial))) await download(partial);
    await rename(partial, folder);
    return folder;
  } finally {
    // Where the disk is full, what was copied so far is room for others.
    await rm(partial, { recursive: true, force: true });
  }
}

async function download(store: ArtifactStore, wanted: WantedVersion, partial: string): Promise<void> {
  await mkdir(partial, { recursive: true });
  const { files } = await readRoot<ServableManifest>(store, wanted.uri, 'servable.json', wanted.digest);
  await fetchByManifest(store, wanted.uri, files, partial);
  await downloadArtifact(store, joinUri(wanted.uri, 'servable.json'), join(partial, 'servable.json'));
}

/** False where none has it whole: it may be removed while it is copied. */
async function copyFromNeighbour(
  { neighbours }: ServablePlaces,
  model: string,
  wanted: WantedVersion,
  partial: string,
): Promise<boolean> {
  const there = neighbours.map((neighbour) => servableFolder(neighbour, model, wanted)).find(existsSync);
  if (there === undefined) return false;
  try {
    await cp(there, partial, { recursive: true });
    return true;
  } catch {
    await rm(partial, { recursive: true, force: true });
    return false;
  }
}

/** Removes a model's folders but for those of these versions. */
export async function keepOnly(workDir: string, model: string, wanted: readonly WantedVersion[]): Promise<void> {
  const folder = modelFolder(workDir, model);
  if (!existsSync(folder)) return;
  const kept = new Set(wanted.map((version) => servableFolder(workDir, model, version)));
  for (const name of await readdir(folder)) {
    if (!kept.has(join(folder, name))) await rm(join(folder, name), { recursive: true, force: true });
  }
}
