import type { ArtifactStore } from '@adstocrat/artifact-store';
import type { Jobs } from '@adstocrat/jobs';
import type { Resource } from '@adstocrat/service-kit';
import type { Logger } from '@adstocrat/service-kit/telemetry';
import { trainJob } from '../run/train-job.ts';
import { sweepCheckpoints } from './sweep-checkpoints.ts';

const everyMs = 60_000;

/** Sweeps at the start and once a minute, until it is stopped. What goes wrong is said and tried again. */
export function checkpointSweeper(
  store: ArtifactStore,
  artifactsUrl: string,
  jobs: Pick<Jobs, 'live'>,
  logger: Logger,
): Resource {
  let timer: NodeJS.Timeout | undefined;
  let sweeping = Promise.resolve();
  const sweep = async (): Promise<void> => {
    try {
      const live = async (): Promise<ReadonlySet<string>> => new Set((await jobs.live(trainJob)).map(({ key }) => key));
      const runs = await sweepCheckpoints(store, artifactsUrl, live);
      if (runs.length > 0) logger.info({ runs }, 'the checkpoints of runs that have ended are removed');
    } catch (error) {
      logger.warn({ err: error }, 'checkpoints of ended runs cannot be looked for now');
    }
  };
  const begin = (): void => {
    sweeping = sweeping.then(sweep);
  };
  return {
    name: 'checkpoints',
    start: () => {
      begin();
      timer = setInterval(begin, everyMs);
      return Promise.resolve();
    },
    stop: async () => {
      clearInterval(timer);
      await sweeping;
    },
  };
}
