import type { FastifyInstance, FastifyRequest } from 'fastify';
import { decoded } from '../rest/content-coding.ts';
import type { BatchStatus } from './batch.ts';
import type { Batches } from './batches.ts';
import { beginBody, storeBody } from './json-request.ts';
import type { StoredRows } from './stored-rows.ts';

/** Rows that are scored later, over REST. `bodyLimit`: bytes of a body that is compressed no more. */
export function batchRest(
  { batches, stored }: { readonly batches: Batches; readonly stored: StoredRows },
  bodyLimit: number,
): (app: FastifyInstance) => void {
  return (app) => {
    void app.register((scope, _options, done) => {
      // As ClickService's: a body is JSON whatever its client calls it.
      scope.removeAllContentTypeParsers();
      scope.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, parsed) => parsed(null, body));
      const read = async <R>(request: FastifyRequest, of: (model: string, body: Buffer) => R): Promise<R> => {
        const { model = '' } = request.params as { readonly model?: string };
        const sent = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
        return of(model, await decoded(sent, request.headers['content-encoding'], bodyLimit));
      };
      scope.post('/click/v1/models/:model/rows', async (request) => {
        const { id, rows } = await stored.add(await read(request, storeBody));
        return { request_id: id, rows };
      });
      scope.post('/click/v1/models/:model/batches', async (request) =>
        shown(await batches.begin(await read(request, beginBody))),
      );
      scope.get('/click/v1/batches/:batch', async (request) => {
        const { batch = '' } = request.params as { readonly batch?: string };
        return shown(await batches.find(batch));
      });
      done();
    });
  };
}

function shown({ id, model, version, state, rows, scored, failed, resultsUri, reason, odd }: BatchStatus) {
  return {
    batch_id: id,
    model,
    version,
    state,
    rows,
    rows_scored: scored,
    rows_failed: failed,
    ...(resultsUri === '' ? {} : { results_uri: resultsUri }),
    ...(reason === '' ? {} : { reason }),
    ...(odd.length === 0 ? {} : { odd }),
  };
}
