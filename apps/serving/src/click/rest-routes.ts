import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { shortestFloat } from '../json/shortest-float.ts';
import { decoded } from '../rest/content-coding.ts';
import { waitingFor } from '../rest/until-closed.ts';
import type { ClickRequest } from './click-request.ts';
import type { ClickAnswer, ClickScores } from './click-scores.ts';
import { scoreBody, scoreManyBody } from './json-request.ts';

/** Scores in names over REST: everything under /click/v1. `bodyLimit`: bytes of a body that is compressed no more. */
export function clickRest(scores: ClickScores, bodyLimit: number): (app: FastifyInstance) => void {
  return (app) => {
    void app.register((scope, _options, done) => {
      // A body is JSON whatever its client calls it, and has its own reader: integers of 64 bits stay exact.
      scope.removeAllContentTypeParsers();
      scope.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, parsed) => parsed(null, body));
      const on = (
        path: string,
        read: (model: string, body: Buffer) => ClickRequest,
        shown: (answer: ClickAnswer) => unknown,
      ): void => {
        scope.post(`/click/v1/models/:model/${path}`, async (request, reply) =>
          shown(await answer(scores, read, bodyLimit, request, reply)),
        );
      };
      on('score', scoreBody, ({ version, scores: [first = NaN], predictionIds = [], tokens = [] }) => ({
        version,
        score: shortestFloat(first),
        prediction_id: predictionIds[0],
        token: tokens[0],
      }));
      on('score-many', scoreManyBody, ({ version, scores: all, predictionIds, tokens }) => ({
        version,
        scores: Array.from(all, shortestFloat),
        prediction_ids: predictionIds,
        tokens,
      }));
      done();
    });
  };
}

async function answer(
  scores: ClickScores,
  read: (model: string, body: Buffer) => ClickRequest,
  bodyLimit: number,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<ClickAnswer> {
  const { model = '' } = request.params as { readonly model?: string };
  const sent = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
  const body = await decoded(sent, request.headers['content-encoding'], bodyLimit);
  return scores.score(read(model, body), { protocol: 'click-rest', ...waitingFor(reply) });
}
