import { randomUUID } from 'node:crypto';
import type { training } from '@adstocrat/schemas';
import { InvalidRequest, plainName } from '@adstocrat/service-kit';
import { serverStream, unary } from '@adstocrat/service-kit/grpc';
import type { Logger } from '@adstocrat/service-kit/telemetry';
import { isSamplerName, samplers } from '@adstocrat/tuning';
import { studyPage } from '../tune/study-page.ts';
import type { Studies, StudyRequest } from '../tune/studies.ts';
import type { ReadySpan } from './ready-span.ts';
import { studyMessage } from './study-message.ts';
import { foundStudy, watchStudy } from './watch-study.ts';

type StudyCalls = Pick<
  training.TrainingServiceServer,
  'startStudy' | 'watchStudy' | 'cancelStudy' | 'listStudies' | 'getStudyPage'
>;

const [defaultTrials, mostTrials] = [30, 1000] as const;
const [defaultEpochs, mostEpochs] = [9, 1000] as const;

/** TrainingService's calls over studies. */
export function studyRoutes(readySpan: ReadySpan, studies: Studies, logger: Logger, stopping: AbortSignal): StudyCalls {
  return {
    startStudy: unary(logger, async (request: training.StartStudyRequest) => {
      const asked = askedOf(request);
      const span = await readySpan(asked.task, request.span === 0 ? [] : [request.span]);
      const studyId = await studies.request({ ...asked, span }, randomUUID());
      logger.info({ study: studyId, task: asked.task, span, trials: asked.trials }, 'study requested');
      return { studyId };
    }),
    watchStudy: serverStream<training.WatchStudyRequest, training.WatchStudyResponse>(logger, (request, { signal }) =>
      watchStudy(studies, request, { signal, stopping }),
    ),
    cancelStudy: unary(logger, async ({ studyId, reason }: training.CancelStudyRequest) => {
      await foundStudy(studies, studyId);
      const why = reason === '' ? 'cancelled by request' : plainName('reason', reason);
      return { cancelled: await studies.cancel(studyId, why) };
    }),
    listStudies: unary(logger, async ({ task }: training.ListStudiesRequest) => ({
      studies: (await studies.list(plainName('task', task))).map((view) => ({ ...studyMessage(view), trials: [] })),
    })),
    getStudyPage: unary(logger, async ({ studyId }: training.GetStudyPageRequest) => ({
      html: studyPage(await foundStudy(studies, studyId)),
    })),
  };
}

function askedOf(request: training.StartStudyRequest): Omit<StudyRequest, 'span'> {
  const { seed } = request;
  const task = plainName('task', request.task);
  const trials = request.trials === 0 ? defaultTrials : request.trials;
  if (trials < 1 || trials > mostTrials) throw new InvalidRequest(`trials must be 1 to ${mostTrials}, got ${trials}`);
  const epochs = request.epochs === 0 ? defaultEpochs : request.epochs;
  if (!(epochs > 0 && epochs <= mostEpochs))
    throw new InvalidRequest(`epochs must be more than 0 and at most ${mostEpochs}, got ${epochs}`);
  const sampler = request.sampler === '' ? 'tpe' : request.sampler;
  if (!isSamplerName(sampler))
    throw new InvalidRequest(
      `sampler must be one of ${Object.keys(samplers).join(', ')}, got ${JSON.stringify(sampler)}`,
    );
  return { task, trials, epochs, sampler, seed };
}
