import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { VersionPolicy } from '@adstocrat/servables';

/** A model whose versions are the folders below a place, each with a number for its name. */
export interface FolderModel {
  readonly name: string;
  /** file:///folder or gs://bucket/prefix, without a slash at its end. */
  readonly base: string;
  readonly policy: VersionPolicy;
  readonly labels: Readonly<Record<string, number>>;
}

/** What TensorFlow Serving does where nothing is said. */
export const usualPolicy: VersionPolicy = { kind: 'latest', count: 1 };

/** A configuration of models that contradicts itself or says what is not understood. */
export class BadModelConfig extends Error {
  override readonly name = 'BadModelConfig';
}

/** The URI of a place: a path, file://… or gs://…. Throws {@link BadModelConfig} for another scheme. */
export function placeUri(place: string): string {
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(place)?.[1];
  if (scheme === undefined) return pathToFileURL(resolve(place)).href;
  if (scheme !== 'file' && scheme !== 'gs')
    throw new BadModelConfig(`models lie in a folder or in gs://bucket/prefix, got ${scheme}://`);
  // A path of a URL may leave its folder in several spellings; a bucket's names are taken as they are.
  return (scheme === 'file' ? new URL(place).href : place).replace(/\/+$/, '');
}

/** True where a place is another, or lies below it. */
export function liesIn(place: string, other: string): boolean {
  return place === other || (place.startsWith(`${other}/`) && !/(?:^|\/)\.\.?(?:\/|$)/.test(place.slice(other.length)));
}

/**
 * Throws {@link BadModelConfig} for a name that no request could give, as is one with control characters, and for one that stands twice.
 */
export function checkModels(models: readonly FolderModel[]): readonly FolderModel[] {
  const names = new Set<string>();
  for (const { name } of models) {
    if (!isModelName(name)) throw new BadModelConfig(`${JSON.stringify(name.slice(0, 80))} is no name of a model`);
    if (names.has(name)) throw new BadModelConfig(`Illegal to list model ${name} multiple times in config list`);
    names.add(name);
  }
  return models;
}

/** 1 to 255 bytes, printable. */
export function isModelName(name: string): boolean {
  return name !== '' && name.isWellFormed() && Buffer.byteLength(name) <= 255 && !/[\u0000-\u001f\u007f]/.test(name);
}

/** `latest`, `latest:N` or `all`. Undefined for anything else. */
export function policyOfWord(word: string): VersionPolicy | undefined {
  if (word === 'all') return { kind: 'all' };
  const match = /^latest(?::([1-9]\d{0,5}))?$/.exec(word);
  return match === null ? undefined : { kind: 'latest', count: Number(match[1] ?? 1) };
}
