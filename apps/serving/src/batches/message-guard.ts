import { batches } from '@adstocrat/schemas';
import { rowsGuard } from '../click/message-guard.ts';
import { guardedDecode } from '../grpc/guarded-decode.ts';
import type { InferenceLimits } from '../infer/admit.ts';

/** The service as generated, but that more rows or features than are answered at once are not made into objects. */
export function guardedBatchService(limits: InferenceLimits): typeof batches.BatchServiceService {
  const service = batches.BatchServiceService;
  return {
    ...service,
    storeRows: { ...service.storeRows, requestDeserialize: guardedDecode(batches.StoreRowsRequest, rowsGuard(limits)) },
  };
}
