import { createHash } from 'node:crypto';
import { type ArtifactInfo, childUri, joinUri, pathBelow } from '@adstocrat/artifact-store';
import { InvalidRequest } from '@adstocrat/service-kit';
import type { Task } from '@adstocrat/tasks';
import { NamedFiles } from '../data/find-files.ts';
import { LeftOut } from '../data/left-out.ts';
import type { OpenData } from '../data/open-data.ts';

/** What a task takes of the objects that it is shown, ascending by name. There may be millions of images, none of which is held. */
export class TaskObjects {
  readonly #task: Task;
  readonly #examples: NamedFiles;
  readonly #tables: readonly NamedFiles[];
  readonly #leftOut = new LeftOut();
  readonly #images = createHash('sha256');
  #imageBaseUri: string | undefined;

  constructor(task: Task) {
    this.#task = task;
    this.#examples = new NamedFiles(task.data.examples);
    this.#tables = task.data.tables.map(({ path }) => new NamedFiles([path]));
  }

  /** Throws {@link InvalidRequest} where the images' base is no place below the data. */
  look(object: ArtifactInfo, data: OpenData): void {
    const named = [...this.#tables, this.#examples].map((files) => files.look(object, data));
    const isOfTables = named.slice(0, -1).includes(true);
    const isExample = data.onlyFile === undefined ? named.at(-1) === true : object.uri === data.onlyFile.uri;
    const isTaken = isOfTables || isExample;
    this.#leftOut.look(pathBelow(data.uri, object.uri), isTaken);
    const baseUri = (this.#imageBaseUri ??= imageBase(this.#task, data));
    if (baseUri === undefined || isTaken || !object.uri.startsWith(baseUri)) return;
    this.#images.update(`${JSON.stringify([object.uri, object.bytes, object.generation])}\n`);
  }

  /** Called once, after the last object. Throws {@link InvalidRequest} where the task's globs name nothing. */
  found(data: OpenData): {
    readonly files: readonly ArtifactInfo[];
    /** In the order of the task's tables. */
    readonly tables: readonly (readonly ArtifactInfo[])[];
    /** Where values of the image column are resolved; undefined without images. */
    readonly imageBaseUri: string | undefined;
    /** sha256 hex over all objects below it that are no rows, by name; undefined without images. */
    readonly imagesDigest: string | undefined;
    /** What is said of what is not read. */
    readonly notes: readonly string[];
  } {
    const tables = this.#tables.map((files) => files.found(data));
    const ofTables = new Set(tables.flat().map(({ uri }) => uri));
    const files =
      data.onlyFile === undefined
        ? this.#examples.found(data).filter(({ uri }) => !ofTables.has(uri))
        : [data.onlyFile];
    const imageBaseUri = imageBase(this.#task, data);
    const imagesDigest = imageBaseUri === undefined ? undefined : this.#images.digest('hex');
    return {
      files,
      tables,
      imageBaseUri,
      imagesDigest,
      notes: data.onlyFile === undefined ? this.#leftOut.notes() : [],
    };
  }
}

/** Where the task's images lie: below the data. */
function imageBase({ image }: Task, { uri: dataUri }: OpenData): string | undefined {
  if (image === undefined) return undefined;
  const { base } = image;
  if (/^[./]*$/.test(base) && !base.includes('..')) return joinUri(dataUri, '/');
  const uri = childUri(dataUri, base);
  if (uri === undefined)
    throw new InvalidRequest(`image.base: "${base}" must be a folder below the data, written as a relative path`);
  return `${uri}/`;
}
