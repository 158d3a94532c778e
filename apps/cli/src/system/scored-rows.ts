import { type ServiceError, status } from '@grpc/grpc-js';
import { type ColumnarBatch, rowsOf } from '@adstocrat/examples';
import { ExitError } from '../exit-error.ts';
import type { Clients } from './clients.ts';
import { inputsOf, predict } from './predict-request.ts';

/**
 * A score a row of the stable version, or why there is none: rows among which one is refused are asked for again in two halves, as a
 * batch does. Nobody is shown them: they need no prediction ids, and a canary has no part in them. Throws {@link ExitError} where
 * serving does not answer.
 */
export async function scoredRows(
  clients: Clients,
  model: string,
  batch: ColumnarBatch,
): Promise<readonly (number | string)[]> {
  try {
    return (await predict(clients, model, inputsOf(batch.columns), { log: false, label: 'stable' })).scores;
  } catch (error) {
    const { code, details } = error as Partial<ServiceError>;
    if (code === undefined || details === undefined) throw error;
    if (code !== status.INVALID_ARGUMENT)
      throw new ExitError(1, `serving gives no scores: ${details}`, { cause: error });
    if (batch.rows === 1) return [details.replace(/, row 0(?=: | has )/, '')];
    const middle = batch.rows >> 1;
    return [
      ...(await scoredRows(clients, model, rowsOf(batch, 0, middle))),
      ...(await scoredRows(clients, model, rowsOf(batch, middle, batch.rows))),
    ];
  }
}
