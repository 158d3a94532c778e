/** A change of the world from one instant on. */
export interface Drift {
  /** Unix milliseconds. */
  readonly atMs: number;
  /**
   * - `both` (default): a new site takes {@link driftShare} of the traffic and younger people with other interests
   *   come in; on that site tastes are reversed.
   * - `mix`: the same new site and people, but tastes stay: covariate drift only.
   * - `taste`: the mix stays; on the sites there are, tastes are reversed. No column tells the old rows from
   *   the new ones, so a model is helped only by rows from after the drift.
   */
  readonly kind?: 'both' | 'mix' | 'taste';
  /** In (0, 1]. Scales the share of traffic and the reversal: at 1 (default) tastes turn into their opposite. */
  readonly strength?: number;
}

/** Share of impressions on the new site at strength 1. */
export const driftShare = 0.6;

/** A drift with defaults filled in, as impressions are drawn under it. */
export interface DriftEffect {
  readonly atMs: number;
  /** Probability that an impression is on the new site. */
  readonly newSiteShare: number;
  /** Factor on every taste, on the new site. */
  readonly newSiteTaste: number;
  /** Factor on every taste, on the other sites. */
  readonly taste: number;
}

/** Throws `RangeError` for a strength outside (0, 1]. */
export function driftEffect(drift: Drift): DriftEffect {
  const strength = drift.strength ?? 1;
  const kind = drift.kind ?? 'both';
  if (!(strength > 0 && strength <= 1)) throw new RangeError(`drift strength must be in (0, 1], got ${strength}`);
  if (!Number.isFinite(drift.atMs)) throw new RangeError(`drift atMs must be Unix milliseconds, got ${drift.atMs}`);
  return {
    atMs: drift.atMs,
    newSiteShare: kind === 'taste' ? 0 : driftShare * strength,
    newSiteTaste: kind === 'both' ? 1 - 2 * strength : 1,
    taste: kind === 'taste' ? 1 - 2 * strength : 1,
  };
}
