import { type ArtifactInfo, pathBelow } from '@adstocrat/artifact-store';
import { InvalidRequest } from '@adstocrat/service-kit';
import { globPattern } from './glob.ts';
import type { OpenData } from './open-data.ts';

/** Names that are shown where there is none of those that were meant. */
const shown = 5;

/** The objects that a task's globs name, among those that it is shown. */
export class NamedFiles {
  readonly #globs: readonly string[];
  readonly #patterns: readonly RegExp[];
  readonly #found: ArtifactInfo[] = [];
  readonly #near: string[] = [];

  constructor(globs: readonly string[]) {
    this.#globs = globs;
    this.#patterns = globs.map(globPattern);
  }

  /** Whether it is named. */
  look(object: ArtifactInfo, { uri }: OpenData): boolean {
    if (this.#near.length < shown) this.#near.push(object.uri);
    const path = pathBelow(uri, object.uri);
    const isNamed = this.#patterns.some((pattern) => pattern.test(path));
    if (isNamed) this.#found.push(object);
    return isNamed;
  }

  /** Those that are named, each once, by name. Throws {@link InvalidRequest} where there is none. */
  found({ uri }: OpenData): readonly ArtifactInfo[] {
    if (this.#found.length > 0) return this.#found.toSorted((a, b) => (a.uri < b.uri ? -1 : 1));
    throw new InvalidRequest(
      `nothing under ${uri} matches data.examples ${this.#globs.join(', ')}; there is, for example: ${this.#near.join(', ')}`,
    );
  }
}
