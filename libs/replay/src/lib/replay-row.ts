import { loggedColumns } from '@adstocrat/data-validation';
import type { Column, ColumnarBatch } from '@adstocrat/examples';
import type { LoadedServable } from '@adstocrat/inference';
import type { events } from '@adstocrat/schemas';
import { compareScores, type Replay } from './replay.ts';

/** The bytes of an image by their sha256, hex; undefined where nobody kept them. */
export type ImageByDigest = (digest: string) => Promise<Uint8Array | undefined>;

/**
 * Recomputes a logged row. The log has the row as the model saw it: tables have filled it, personal values are pseudonyms. Neither is
 * done again.
 */
export async function replayRow(
  servable: LoadedServable,
  logged: events.PredictionMade,
  imageOf: ImageByDigest,
): Promise<Replay> {
  const kept = new Set(loggedColumns(servable.schema).map(({ name }) => name));
  const lost = servable.transform.features.flatMap(({ columns }) => columns).filter((name) => !kept.has(name));
  if (lost.length > 0) return impossible(`the model reads ${lost.join(', ')}, which the log does not keep`);
  const { imageDigest, score } = logged;
  // An image that the model does not look at changed nothing.
  const sent = servable.takesImages && imageDigest !== '';
  const image = sent ? await imageOf(imageDigest) : undefined;
  if (sent && image === undefined)
    return impossible(`the request sent an image of sha256 ${imageDigest}, and only its digest was kept`);
  const [recomputed = NaN] = await servable.score(batchOf(logged), image === undefined ? undefined : [image]);
  return compareScores(score, recomputed);
}

export function impossible(reason: string): Replay {
  return { outcome: 'impossible', reason };
}

/** One row. A value that was missing is not in the log, and an absent column is missing. */
function batchOf({ features }: events.PredictionMade): ColumnarBatch {
  const columns = new Map<string, Column>();
  for (const [name, { text, integer, number }] of Object.entries(features)) {
    if (text === undefined) columns.set(name, { type: 'float', values: Float64Array.of(integer ?? number ?? NaN) });
    else columns.set(name, { type: 'string', values: [text] });
  }
  return { rows: 1, columns };
}
