import { randomUUID } from 'node:crypto';
import { ArtifactExists, type ArtifactStore, joinUri, readText } from '@adstocrat/artifact-store';
import { TensorModel } from '@adstocrat/inference';
import { InvalidRequest } from '@adstocrat/service-kit';
import { type ClickRow, inputsOf } from '../click/click-request.ts';
import { BadInput, NoClickModel, quoted, VersionNotAvailable } from '../infer/inference-failure.ts';
import type { InferenceService } from '../infer/inference-service.ts';
import { imageBytesName } from '../infer/names.ts';
import { requestRows } from '../infer/request-rows.ts';
import type { BatchPlaces } from './batch.ts';
import { checkedId } from './batches.ts';
import { storedRow } from './stored-row.ts';

/** Rows that are checked and written in one go. */
const sliceRows = 256;

/** Rows that are to be scored by a later batch. */
export interface StoreRequest {
  readonly model: string;
  readonly rows: readonly ClickRow[];
  /** Empty: one is made. */
  readonly id: string;
}

/** Keeps rows until a batch takes them, one object a request: an answer means that it is whole in the store. */
export class StoredRows {
  readonly #service: InferenceService;
  readonly #store: ArtifactStore;
  readonly #places: BatchPlaces;

  constructor(service: InferenceService, store: ArtifactStore, places: BatchPlaces) {
    this.#service = service;
    this.#store = store;
    this.#places = places;
  }

  /**
   * Throws {@link InvalidRequest} for an id that other rows have, and `InferenceFailure` as a request to be answered now would, by the stable version: what is wrong is said to who can mend it.
   */
  async add({ model, rows, id: given }: StoreRequest): Promise<{ readonly id: string; readonly rows: number }> {
    const id = given === '' ? randomUUID() : checkedId('request_id', given);
    const { served, version } = this.#service.resolveClicks({ model, label: 'stable' });
    const lease = version === undefined ? undefined : served.lease(version);
    if (version === undefined || lease === undefined) throw new VersionNotAvailable(model, version, true);
    const lines: string[] = [];
    try {
      const inputs = inputsOf(rows, served.columns, this.#service.limits);
      if (inputs.has(imageBytesName))
        throw new BadInput(
          'unknown',
          imageBytesName,
          'stored rows have no bytes of images: name images that ingestion took',
        );
      if (lease.loaded instanceof TensorModel) throw new NoClickModel(model, version);
      for (let from = 0; from < rows.length; from += sliceRows) {
        const to = Math.min(rows.length, from + sliceRows);
        requestRows(lease.loaded, inputs, { from, to });
        const slice = rows.slice(from, to);
        lines.push(slice.map((row, at) => `${JSON.stringify(storedRow(row, from + at))}\n`).join(''));
        // Others have their turn.
        await new Promise(setImmediate);
      }
    } finally {
      lease.release();
    }
    const uri = joinUri(this.#places.stored(model), `${id}.jsonl`);
    try {
      await this.#store.create(
        uri,
        lines.map((text) => Buffer.from(text)),
      );
    } catch (error) {
      if (!(error instanceof ArtifactExists)) throw error;
      if ((await readText(this.#store, uri)) !== lines.join(''))
        throw new InvalidRequest(
          `request_id ${quoted(id)} is that of other rows, which are stored: give these another one`,
        );
    }
    return { id, rows: rows.length };
  }
}
