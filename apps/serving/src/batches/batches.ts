import { isDeepStrictEqual } from 'node:util';
import { randomUUID } from 'node:crypto';
import type { Jobs, Transaction } from '@adstocrat/jobs';
import { type Metadata, removalOf } from '@adstocrat/metadata';
import { InvalidRequest, NotFound, plainName } from '@adstocrat/service-kit';
import { quoted, UnknownLabel, UnknownModel, VersionNotAvailable } from '../infer/inference-failure.ts';
import type { ModelTarget } from '../infer/inference-request.ts';
import { type Batch, batchJob, type BatchPlaces, type BatchStatus } from './batch.ts';
import type { BatchStore } from './batch-store.ts';
import { stepRequests } from './batch-work.ts';

/** What is asked for, in no protocol's words. */
export interface BatchRequest {
  /** Empty: one is made. */
  readonly id: string;
  readonly target: ModelTarget;
  /** Empty: what is stored for the model. */
  readonly source: string;
  readonly allowMissing: boolean;
  /** Of CSV files without a header line. */
  readonly columns: readonly string[];
}

/** Columns that a request may name. */
const mostColumns = 10_000;

/** Begins batches and tells of them. */
export class Batches {
  readonly #jobs: Jobs;
  readonly #batches: BatchStore;
  readonly #metadata: Pick<Metadata, 'currentDeployment' | 'getVersion' | 'lockModel'>;
  readonly #places: BatchPlaces;
  readonly #allowed: readonly string[];
  readonly #migrate: () => Promise<void>;
  #ready = false;

  constructor(options: {
    readonly jobs: Jobs;
    readonly batches: BatchStore;
    readonly metadata: Pick<Metadata, 'currentDeployment' | 'getVersion' | 'lockModel'>;
    readonly places: BatchPlaces;
    /** URIs of folders, each with a slash at its end, below which a source may lie. */
    readonly allowed: readonly string[];
    /** Makes the tables. */
    readonly migrate: () => Promise<void>;
  }) {
    this.#jobs = options.jobs;
    this.#batches = options.batches;
    this.#metadata = options.metadata;
    this.#places = options.places;
    this.#allowed = options.allowed;
    this.#migrate = options.migrate;
  }

  /** Makes the tables where they may not be there: a server starts without a database. */
  async ready(): Promise<void> {
    if (!this.#ready) await this.#migrate();
    this.#ready = true;
  }

  /**
   * Throws {@link InvalidRequest} for a source that is not allowed, and for an id that is another batch's; `UnknownModel`, `UnknownLabel`
   * or `VersionNotAvailable`.
   */
  async begin(request: BatchRequest): Promise<BatchStatus> {
    await this.ready();
    const { target, source, columns } = request;
    plainName('model', target.model);
    if (columns.length > mostColumns)
      throw new InvalidRequest(`columns: at most ${mostColumns} names, got ${columns.length}`);
    const nameless = columns.findIndex((name) => name.trim() === '');
    if (nameless !== -1)
      throw new InvalidRequest(`columns: column ${nameless + 1} has no name: name each of them, in their order`);
    if (columns.length > 0 && source === '')
      throw new InvalidRequest(
        'columns: rows that are stored have names; columns are for files of source_uri without a header line',
      );
    const id = request.id === '' ? randomUUID() : checkedId('batch_id', request.id);
    this.#refuseSource({ id, model: target.model }, source);
    const known = await this.#batches.find(id);
    const of =
      known?.model === target.model && target.version === undefined
        ? known
        : { id, model: target.model, source, ...(await this.#version(target)) };
    const wanted: Omit<Batch, 'run'> = { ...of, allowMissing: request.allowMissing, columns };
    return this.#jobs.transaction(async (transaction) => {
      await this.#batches.begin(wanted, transaction);
      const batch = await this.#batches.find(id, transaction);
      if (batch?.model !== wanted.model || batch.version !== wanted.version || batch.source !== source)
        throw new InvalidRequest(`batch_id ${quoted(id)} is that of a batch of another model, version or source`);
      if (!isDeepStrictEqual(batch.columns, columns))
        throw new InvalidRequest(
          `batch_id ${quoted(id)} is that of a batch with other columns, which is planned: take another batch_id`,
        );
      const steps = stepRequests(this.#jobs, this.#batches, `begun ${randomUUID()}`);
      if (batch.state === 'running') {
        await this.#refuseRemoved(batch, transaction);
        const { uri } = await this.#batches.plan(id, transaction);
        if (uri === '') await steps.requestPlan(batch, transaction);
        else await steps.requestOpen(batch, transaction);
      }
      return batch;
    });
  }

  /** Whether there is anything to do. */
  async anyWork(): Promise<boolean> {
    await this.ready();
    // The steps of a batch may be very many, those of none that runs are few.
    return (await this.#batches.anyRunning()) || (await this.#jobs.live(batchJob)).length > 0;
  }

  /** Throws {@link NotFound} for one that was never begun, or is removed. */
  async find(id: string): Promise<BatchStatus> {
    await this.ready();
    const batch = await this.#batches.find(checkedId('batch_id', id));
    if (batch === undefined) throw new NotFound(`no batch ${quoted(id)}: it was not begun, or its results are removed`);
    return batch;
  }

  /**
   * Throws {@link VersionNotAvailable} where the version's files were removed. Whoever removes them holds this lock, and looks for batches
   * that go on.
   */
  async #refuseRemoved({ model, version }: Pick<Batch, 'model' | 'version'>, transaction: Transaction): Promise<void> {
    await this.#metadata.lockModel(model, transaction);
    const record = await this.#metadata.getVersion(model, version, transaction);
    const removal = record && removalOf(record);
    if (removal !== undefined) throw new VersionNotAvailable(model, version, true, removal);
  }

  #refuseSource(batch: Pick<Batch, 'id' | 'model'>, source: string): void {
    if (source === '') return;
    const allowed = [`${this.#places.input(batch)}/`, ...this.#allowed];
    const path = /[\u0000-\u001f\u007f\\?#]|(^|\/|%2f)(\.|%2e){1,2}(\/|%2f|$)/i;
    if (!allowed.some((folder) => source.startsWith(folder)) || path.test(source))
      throw new InvalidRequest(
        `source_uri ${quoted(source)} lies in none of the folders that this server reads: name them in BATCH_SOURCES`,
      );
  }

  /** The version that is pinned. */
  async #version({
    model,
    version,
    label = 'stable',
  }: ModelTarget): Promise<Pick<Batch, 'version' | 'uri' | 'digest'>> {
    const deployment = await this.#metadata.currentDeployment(model);
    if (deployment === undefined) throw new UnknownModel(model, version);
    const wanted = version ?? (Object.hasOwn(deployment.labels, label) ? deployment.labels[label] : undefined);
    if (wanted === undefined) throw new UnknownLabel(model, label);
    // No number of a version is larger: the registry could not look for it.
    if (wanted > 0x7fff_ffff) throw new VersionNotAvailable(model, wanted, false);
    const deployed = deployment.versions.find((one) => one.version === wanted);
    const found = deployed ?? (await this.#metadata.getVersion(model, wanted));
    if (found === undefined) throw new VersionNotAvailable(model, wanted, false);
    return { version: wanted, uri: found.uri, digest: found.digest };
  }
}

/** Throws {@link InvalidRequest} for what is no id: it names objects. */
export function checkedId(field: string, id: string): string {
  if (!/^[A-Za-z0-9_-][A-Za-z0-9._-]{0,127}$/.test(id))
    throw new InvalidRequest(`${field} must be 1 to 128 letters, digits, ".", "_" and "-", the first no "."`);
  return id;
}
