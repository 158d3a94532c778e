import type { Column, ColumnarBatch } from '@adstocrat/examples';
import { rowsOf } from '@adstocrat/examples';
import type { LoadedServable } from '@adstocrat/inference';
import type { PersonalKeys } from '@adstocrat/service-kit';
import { admit, type InferenceLimits } from '../infer/admit.ts';
import { InferenceFailure } from '../infer/inference-failure.ts';
import { withoutPersonal } from '../infer/personal-columns.ts';
import { requestRows } from '../infer/request-rows.ts';
import type { InputTensor, InputTensors } from '../infer/tensor.ts';

/** What scores rows, and by which rules. */
export interface Scorer {
  readonly servable: LoadedServable;
  readonly personalKeys: PersonalKeys;
  readonly limits: InferenceLimits;
}

const never = new AbortController().signal;

/**
 * A score a row, to the last bit that of a request for it alone; or why there is none, in the words that request would be refused with.
 * Rows among which one is refused are asked for again in two halves.
 */
export async function scoreRows(scorer: Scorer, batch: ColumnarBatch): Promise<readonly (number | string)[]> {
  try {
    return [...(await scored(scorer, batch))];
  } catch (error) {
    if (!(error instanceof InferenceFailure)) throw error;
    if (batch.rows === 1) return [error.message.replace(/, row 0(?=: | has )/, '')];
    const middle = batch.rows >> 1;
    return [
      ...(await scoreRows(scorer, rowsOf(batch, 0, middle))),
      ...(await scoreRows(scorer, rowsOf(batch, middle, batch.rows))),
    ];
  }
}

function scored({ servable, personalKeys, limits }: Scorer, { rows, columns }: ColumnarBatch): Promise<Float32Array> {
  const inputs: InputTensors = new Map(Array.from(columns, ([name, column]) => [name, tensorOf(column, rows)]));
  admit({ inputs, signal: never }, { columns: new Set(columns.keys()) }, limits);
  const { batch } = requestRows(servable, inputs, { from: 0, to: rows });
  return servable.score(withoutPersonal(servable.fill(batch), servable.manifest.personal, personalKeys));
}

function tensorOf({ type, values }: Column, rows: number): InputTensor {
  return type === 'string' ? { kind: 'mixed', shape: [rows], values } : { kind: 'float', shape: [rows], values };
}
