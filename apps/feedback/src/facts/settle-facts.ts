import type { Pool } from 'pg';
import { horizonMs, type LabelRule } from '@adstocrat/monitors';
import { inTransaction } from '@adstocrat/postgres-client';
import { openedSql, throughIndexes } from '../join/label-sql.ts';
import { addCounts } from '../store/counts.ts';
import { cursorOf, moveCursor } from '../store/cursors.ts';

/** Facts settled at once, and those seen in the same millisecond as the last. */
const maxFacts = 5000;

/**
 * Counts what labels did not count: facts about no prediction that is known (`unknown`), about a prediction of another model than they
 * name (`other_model`), and those that were seen after their prediction's label was final (`late`). A fact is settled once every
 * prediction that could still ask for it is final, so the counts do not depend on what was read first. Returns whether there is more.
 */
export async function settleFacts(
  pool: Pool,
  rules: ReadonlyMap<string, LabelRule>,
  defaultHorizonMs: number,
  watermarkMs: number,
): Promise<boolean> {
  const horizon = Math.max(...[...rules.values()].map(horizonMs), ...(rules.size === 0 ? [defaultHorizonMs] : []));
  return inTransaction(pool, async (client) => {
    const cursor = await cursorOf(client, 'facts', '', 0);
    const untilMs = Math.floor(watermarkMs - horizon);
    if (cursor === undefined || untilMs <= cursor + 1) return false;
    await client.query(throughIndexes);
    const { rows } = await client.query<SettledRow>(settled, [
      ...[cursor, untilMs, maxFacts, [...rules.keys()], [...rules.values()].map(({ windowMs }) => windowMs)],
      ...[
        [...rules.values()].map(({ graceMs }) => graceMs),
        [...rules.values()].map(({ opens }) => opens === 'impression'),
      ],
    ]);
    await addCounts(
      client,
      0,
      rows.flatMap(({ model, kind, what, count }) =>
        what === null ? [] : [{ model, name: `${kind}.${what}`, count }],
      ),
    );
    const looked = rows[0]?.looked ?? 0;
    const more = looked >= maxFacts;
    await moveCursor(client, 'facts', '', 0, more ? (rows[0]?.last_ms ?? cursor) : untilMs - 1);
    return more;
  });
}

interface SettledRow {
  readonly model: string;
  readonly kind: string;
  /** Null for what its label has counted. */
  readonly what: string | null;
  readonly count: number;
  readonly looked: number;
  readonly last_ms: number;
}

const of = { model: 'p.model', windowMs: 'r.window_ms', graceMs: 'r.grace_ms', opensAtImpression: 'r.impressions' };

/**
 * Facts seen after $1 and before $2, at most $3: each with the predictions it is about, whose windows are $5 and graces $6 of the
 * models $4, opened by impressions where $7. When a window opened is looked up once for all facts of a kind about its prediction:
 * there may be very many.
 */
const settled = `
WITH next AS MATERIALIZED (
  SELECT prediction_id, kind, model, id, time_ms, seen_ms FROM feedback.facts
  WHERE seen_ms > $1::bigint AND seen_ms < $2::bigint ORDER BY seen_ms FETCH FIRST ($3::int) ROWS WITH TIES
), rules AS (SELECT * FROM unnest($4::text[], $5::bigint[], $6::bigint[], $7::boolean[]) AS r(model, window_ms, grace_ms, impressions)),
asked AS MATERIALIZED (
  SELECT prediction_id, model, kind, array_agg(seen_ms) AS seen FROM next GROUP BY prediction_id, model, kind
), about AS MATERIALIZED (
  SELECT f.*, p.model AS of_model, coalesce(${openedSql(of)}, p.served_ms) + r.window_ms + r.grace_ms AS final_ms
  FROM asked f
  LEFT JOIN feedback.predictions p ON p.prediction_id = f.prediction_id AND (f.model = '' OR p.model = f.model)
    AND NOT EXISTS (SELECT FROM feedback.predictions e WHERE e.prediction_id = p.prediction_id AND e.model = p.model AND e.slice < p.slice)
  LEFT JOIN rules r ON r.model = p.model
), said AS (
  SELECT f.kind, coalesce(f.of_model, '') AS model, CASE
    WHEN f.of_model IS NULL THEN CASE
      WHEN f.model <> '' AND EXISTS (SELECT FROM feedback.predictions o WHERE o.prediction_id = f.prediction_id) THEN 'other_model'
      ELSE 'unknown' END
    WHEN s.seen_ms > f.final_ms THEN 'late' END AS what
  FROM about f CROSS JOIN LATERAL unnest(f.seen) AS s(seen_ms)
)
SELECT model, kind, what, count(*) AS count, (SELECT count(*) FROM next) AS looked, (SELECT max(seen_ms) FROM next) AS last_ms
FROM said GROUP BY model, kind, what`;
