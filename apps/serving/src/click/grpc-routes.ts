import type { serving } from '@adstocrat/schemas';
import { ServiceFailure } from '@adstocrat/service-kit';
import { bidirectional, type CallContext, unary } from '@adstocrat/service-kit/grpc';
import type { Logger } from '@adstocrat/service-kit/telemetry';
import { refusalOf } from '../grpc/guarded-decode.ts';
import type { ClickRequest } from './click-request.ts';
import type { ClickAnswer, ClickScores, Waiting } from './click-scores.ts';
import { scoreManyRequest, scoreRequest } from './grpc-request.ts';

/** ClickService: scores in names instead of tensors. */
export function clickRoutes(scores: ClickScores, logger: Logger): serving.ClickServiceServer {
  const answer = async <Q extends object>(
    request: Q,
    read: (request: Q) => ClickRequest,
    context: CallContext,
  ): Promise<ClickAnswer> => {
    const refusal = refusalOf(request);
    if (refusal !== undefined) throw refusal;
    return scores.score(read(request), waiting(context));
  };
  return {
    score: unary<serving.ScoreRequest, serving.ScoreResponse>(logger, async (request, context) =>
      oneOf(await answer(request, scoreRequest, context)),
    ),
    scoreMany: unary<serving.ScoreManyRequest, serving.ScoreManyResponse>(logger, async (request, context) => {
      const {
        version,
        scores: all,
        predictionIds = [],
        tokens = [],
      } = await answer(request, scoreManyRequest, context);
      return { version: BigInt(version), scores: [...all], predictionIds: [...predictionIds], tokens: [...tokens] };
    }),
    scoreStream: bidirectional<serving.ScoreStreamRequest, serving.ScoreStreamResponse>(logger, (requests, context) =>
      streamed(requests, async (request) => oneOf(await answer(request, scoreRequest, context))),
    ),
  };
}

/** An answer or a failure for each request, in order. What is no failure of a request ends the stream. */
async function* streamed(
  requests: AsyncIterable<serving.ScoreStreamRequest>,
  answer: (request: serving.ScoreStreamRequest) => Promise<serving.ScoreResponse>,
): AsyncGenerator<serving.ScoreStreamResponse> {
  for await (const request of requests) {
    try {
      yield { answer: await answer(request), failure: undefined };
    } catch (error) {
      if (!(error instanceof ServiceFailure)) throw error;
      yield { answer: undefined, failure: { code: error.code, message: error.message } };
    }
  }
}

function oneOf({ version, scores: [first = NaN], predictionIds, tokens }: ClickAnswer): serving.ScoreResponse {
  return { version: BigInt(version), score: first, predictionId: predictionIds?.[0] ?? '', token: tokens?.[0] ?? '' };
}

function waiting({ caller, signal, deadlineMs }: CallContext): Waiting {
  const known = { protocol: 'click-grpc' as const, caller, signal };
  return deadlineMs === undefined ? known : { ...known, deadlineMs };
}
