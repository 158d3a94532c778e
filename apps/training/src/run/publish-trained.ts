import type { Transaction } from '@adstocrat/jobs';
import type { RunRecord } from '@adstocrat/metadata';
import { topics } from '@adstocrat/schemas';

/**
 * Says with the transaction that a run has made a model. `again`: for whom it is said once more. The same asker's is the same event;
 * another's is a new one, so that a later step which failed hears of it. Throws a `RangeError` for a run that made nothing.
 */
export function publishTrained(
  transaction: Transaction,
  run: RunRecord,
  again?: { readonly by: string; readonly retrainId: string },
): Promise<void> {
  const { id, task, spans, made } = run;
  if (made === undefined) throw new RangeError(`run ${id} has made no model: it ${run.state}`);
  const { version, uri, digest } = made;
  const retrainId = again?.retrainId || (run.retrainId ?? '');
  const event = { task, model: task, version, uri, digest, runId: id, spans: [...spans], retrainId };
  const first = `model.trained/${task}/${version}/${digest}`;
  return transaction.publish(topics.modelTrained, [
    { id: again === undefined ? first : `${first}/${again.by}`, key: task, source: 'training', event },
  ]);
}
