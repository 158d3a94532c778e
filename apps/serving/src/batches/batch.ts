import { z } from 'zod';
import { joinUri } from '@adstocrat/artifact-store';
import type { JobKind } from '@adstocrat/jobs';

/** Where a batch stands. `failed`: begun again it goes on. */
export type BatchState = 'running' | 'succeeded' | 'failed';

/** Rows that are scored together, by one version, whatever is deployed meanwhile. */
export interface Batch {
  /** Letters, digits, '.', '_' and '-'. */
  readonly id: string;
  /** Another one each time that it is begun, also of this id where its batch before was removed. 0 before it is begun. */
  readonly run: number;
  readonly model: string;
  readonly version: number;
  /** Of the servable. */
  readonly uri: string;
  readonly digest: string;
  /** A file, or a folder with a slash at its end; empty: what is stored for the model. */
  readonly source: string;
  readonly allowMissing: boolean;
  /** Names of the columns of CSV files without a header line; empty: their first lines name them. */
  readonly columns: readonly string[];
}

/** What has become of a batch so far. */
export interface BatchStatus extends Batch {
  readonly state: BatchState;
  /** 0 until they are counted. */
  readonly rows: number;
  readonly scored: number;
  readonly failed: number;
  readonly resultsUri: string;
  readonly reason: string;
  /** What is told of the files that could be read, once they are: a sentence each. */
  readonly odd: readonly string[];
}

const Payload = z.object({
  batch: z.string(),
  run: z.number().int(),
  step: z.enum(['plan', 'shard', 'end', 'sweep', 'remove']),
  shard: z.number().int().nonnegative().optional(),
  // Whose servable the step needs: its files stay until then.
  model: z.string().optional(),
  version: z.number().int().optional(),
});

/**
 * One step of a batch. `plan`: the rows become shards; `shard`: one is scored; `end`: the results are named in one file, and the end is
 * said; `sweep`: the rows that were scored are removed; `remove`: everything else is.
 */
export type BatchStep = z.infer<typeof Payload>;

export const batchJob: JobKind<BatchStep> = { name: 'serving.batch', parse: (payload) => Payload.parse(payload) };

export function stepKey({ batch, run, step, shard }: BatchStep): string {
  const key = `${batch}/${run}/${step}`;
  return shard === undefined ? key : `${key}/${shard}`;
}

/** The folders of the artifacts that batches have. */
export class BatchPlaces {
  readonly #artifacts: string;

  constructor(artifactsUrl: string) {
    this.#artifacts = artifactsUrl;
  }

  /** What is stored for a model until a batch takes it. */
  stored(model: string): string {
    return joinUri(this.#artifacts, 'requests', encodeURIComponent(model));
  }

  /** Everything of one batch. */
  batch({ id, model }: Pick<Batch, 'id' | 'model'>): string {
    return joinUri(this.#artifacts, 'batches', encodeURIComponent(model), id);
  }

  /** Where whoever begins a batch may put its rows first. */
  input(batch: Pick<Batch, 'id' | 'model'>): string {
    return joinUri(this.batch(batch), 'input');
  }
}
