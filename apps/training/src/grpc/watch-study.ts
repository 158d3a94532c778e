import type { training } from '@adstocrat/schemas';
import { NotFound, plainName } from '@adstocrat/service-kit';
import type { Studies, StudyView } from '../tune/studies.ts';
import { studyMessage } from './study-message.ts';
import { watchChanges, type WatchSignals } from './watch-changes.ts';

/** Each change of a study until it ends. */
export function watchStudy(
  studies: Studies,
  { studyId }: training.WatchStudyRequest,
  signals: WatchSignals,
): AsyncGenerator<training.WatchStudyResponse> {
  return watchChanges(
    {
      everyMs: 500,
      look: () => foundStudy(studies, studyId),
      say: (view): training.WatchStudyResponse => ({ study: studyMessage(view) }),
      isOver: ({ state }) => state !== 'running',
    },
    signals,
  );
}

export async function foundStudy(studies: Studies, studyId: string): Promise<StudyView> {
  const view = await studies.find(plainName('study_id', studyId));
  if (view === undefined) throw new NotFound(`no study ${studyId}`);
  return view;
}
