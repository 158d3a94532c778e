import { InvalidRequest } from '@adstocrat/service-kit';

/** A file of rows and what its first line holds. */
interface Headed {
  readonly path: string;
  readonly names: readonly string[];
  /** Its columns by their numbers, where it has no header line. */
  readonly numbered?: readonly string[];
}

/**
 * Throws {@link InvalidRequest} for a file that has as many columns as the examples and none of their names, or names where they have none: a shard without its
 * header line is no table of something else, and half of the data must not be missing without a word.
 */
export function checkHasHeader(other: Headed, examples: Headed): void {
  if (other.names.length !== examples.names.length) return;
  if (other.names.some((name) => examples.names.includes(name))) return;
  if (examples.numbered !== undefined && other.numbered === undefined)
    throw new InvalidRequest(
      `${other.path}:1: a header line, where ${examples.path} has none, with as many columns: give all files of examples that line, or none`,
    );
  const first = other.names.slice(0, 5).map((name) => JSON.stringify(name));
  throw new InvalidRequest(
    `${other.path}:1: no header line: it has as many columns as ${examples.path}, and the first line is ${first.join(', ')}, not their names; add the line, or leave the file out by data.examples of a task.yaml`,
  );
}
