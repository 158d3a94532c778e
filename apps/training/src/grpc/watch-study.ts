import { setTimeout as sleep } from 'node:timers/promises';
import type { training } from '@adstocrat/schemas';
import { NotFound, plainName, Unavailable } from '@adstocrat/service-kit';
import type { Studies, StudyView } from '../tune/studies.ts';
import { studyMessage } from './study-message.ts';

/** Wall milliseconds between two looks of a watch. */
const watchMs = 500;

/** Each change of a study until it ends. Throws {@link Unavailable} where the service stops meanwhile. */
export async function* watchStudy(
  studies: Studies,
  { studyId }: training.WatchStudyRequest,
  { signal, stopping }: { readonly signal: AbortSignal; readonly stopping: AbortSignal },
): AsyncGenerator<training.WatchStudyResponse> {
  plainName('study_id', studyId);
  for (let last = ''; !signal.aborted && !stopping.aborted; await sleep(watchMs)) {
    const view = await foundStudy(studies, studyId);
    const message = studyMessage(view);
    const said = JSON.stringify(message);
    if (said !== last) yield { study: message };
    if (view.state !== 'running') return;
    last = said;
  }
  if (stopping.aborted) throw new Unavailable('training is stopping: watch again');
}

export async function foundStudy(studies: Studies, studyId: string): Promise<StudyView> {
  const view = await studies.find(plainName('study_id', studyId));
  if (view === undefined) throw new NotFound(`no study ${studyId}`);
  return view;
}
