/** A row of {@link finalRows}. */
export interface FinalRow {
  readonly prediction_id: string;
  readonly version: number;
  readonly score: number;
  readonly seen_ms: number;
  /** Null where it was never shown. */
  readonly opened_ms: number | null;
  /** Seen before, in an earlier slice: this row is none. */
  readonly repeated: boolean;
  readonly event: Buffer;
  /** Clicks within the window, those of them seen before their prediction, clicks before it, and after it; null where there are none. */
  readonly inside: number | null;
  readonly early: number | null;
  readonly before: number | null;
  readonly after: number | null;
}

/** SQL of the rule's parts and of the model's name. */
interface RuleSql {
  readonly model: string;
  readonly windowMs: string;
  readonly graceMs: string;
  readonly opensAtImpression: string;
}

/** When the window of the prediction `p` opened, as `labelOf` says it; null where it was never shown. */
export function openedSql({ model, windowMs, graceMs, opensAtImpression }: RuleSql): string {
  return `CASE WHEN NOT ${opensAtImpression} THEN p.served_ms ELSE (
  SELECT min(i.time_ms) FROM feedback.facts i
  WHERE i.prediction_id = p.prediction_id AND i.kind = 'impression' AND i.model IN ('', ${model})
    AND i.time_ms BETWEEN p.served_ms AND p.served_ms + ${windowMs} AND i.seen_ms <= p.served_ms + ${windowMs} + ${graceMs}) END`;
}

/**
 * Predictions of one lane, in the order in which they were seen, each with what `labelOf` makes of its facts: seen after $6 and before
 * $7. $1: the model, $2: window, $3: grace, $4: whether
 * impressions open it, $5: the lane.
 *
 * This and `labelOf` of @adstocrat/monitors say the same: join.integration.spec.ts holds them together.
 */
export const finalRows = `
WITH next AS MATERIALIZED (
  SELECT p.slice, p.prediction_id, p.version, p.score, p.seen_ms, p.served_ms, p.event, ${openedSql({ model: '$1::text', windowMs: '$2::bigint', graceMs: '$3::bigint', opensAtImpression: '$4::boolean' })} AS opened_ms
  FROM feedback.predictions p
  WHERE p.model = $1 AND p.lane = $5::smallint AND p.seen_ms > $6::bigint AND p.seen_ms < $7::bigint
), clicks AS MATERIALIZED (
  SELECT p.prediction_id, p.slice,
    count(*) FILTER (WHERE f.time_ms >= p.opened_ms AND f.time_ms <= p.opened_ms + $2) AS inside,
    count(*) FILTER (WHERE f.time_ms >= p.opened_ms AND f.time_ms <= p.opened_ms + $2 AND f.seen_ms < p.seen_ms) AS early,
    count(*) FILTER (WHERE p.opened_ms IS NULL OR f.time_ms < p.opened_ms) AS before,
    count(*) FILTER (WHERE f.time_ms > p.opened_ms + $2) AS after
  FROM next p JOIN feedback.facts f ON f.prediction_id = p.prediction_id AND f.kind = 'click' AND f.model IN ('', $1)
    AND f.seen_ms <= coalesce(p.opened_ms, p.served_ms) + $2 + $3
  GROUP BY p.prediction_id, p.slice
)
SELECT p.prediction_id, p.version, p.score, p.seen_ms, p.opened_ms, p.event, c.inside, c.early, c.before, c.after,
  EXISTS (SELECT FROM feedback.predictions e WHERE e.prediction_id = p.prediction_id AND e.model = $1 AND e.slice < p.slice) AS repeated
FROM next p LEFT JOIN clicks c USING (prediction_id, slice) ORDER BY p.seen_ms`;

/** Few rows are looked up among very many, through indexes: a plan made while a slice was small would read it whole. */
export const throughIndexes =
  'SET LOCAL enable_seqscan = off; SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off';
