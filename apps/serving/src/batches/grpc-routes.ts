import type { batches as wire } from '@adstocrat/schemas';
import { unary } from '@adstocrat/service-kit/grpc';
import type { Logger } from '@adstocrat/service-kit/telemetry';
import { rowOf, targetOf } from '../click/grpc-request.ts';
import { refusalOf } from '../grpc/guarded-decode.ts';
import type { BatchStatus } from './batch.ts';
import type { Batches } from './batches.ts';
import type { StoredRows } from './stored-rows.ts';

/** BatchService: rows that are saved now and scored later. */
export function batchRoutes(
  { batches, stored }: { readonly batches: Batches; readonly stored: StoredRows },
  logger: Logger,
): wire.BatchServiceServer {
  return {
    storeRows: unary<wire.StoreRowsRequest, wire.StoreRowsResponse>(logger, async (request) => {
      const refusal = refusalOf(request);
      if (refusal !== undefined) throw refusal;
      const { model, rows, requestId } = request;
      const answer = await stored.add({ model, rows: rows.map(rowOf), id: requestId });
      return { requestId: answer.id, rows: BigInt(answer.rows) };
    }),
    beginBatch: unary<wire.BeginBatchRequest, wire.BeginBatchResponse>(logger, async (request) => {
      const { batchId: id, target, sourceUri: source, allowMissing, columns } = request;
      const asked = { id, target: targetOf(target), source, allowMissing: allowMissing || source === '', columns };
      return { batch: wireBatch(await batches.begin(asked)) };
    }),
    getBatch: unary<wire.GetBatchRequest, wire.GetBatchResponse>(logger, async ({ batchId }) => ({
      batch: wireBatch(await batches.find(batchId)),
    })),
  };
}

function wireBatch({
  id,
  model,
  version,
  state,
  rows,
  scored,
  failed,
  resultsUri,
  reason,
  odd,
}: BatchStatus): wire.Batch {
  const counts = { rows: BigInt(rows), rowsScored: BigInt(scored), rowsFailed: BigInt(failed) };
  return { batchId: id, model, version: BigInt(version), state, ...counts, resultsUri, reason, odd: [...odd] };
}
