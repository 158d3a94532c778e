const unitMs: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};

/** Milliseconds of `30m`, `24h`, `1.5d`. Throws `RangeError` for anything else. */
export function parseDurationMs(text: string): number {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h|d|w)$/.exec(text);
  const unit = unitMs[match?.[2] ?? ''];
  if (match === null || unit === undefined)
    throw new RangeError(`a duration is a number with ms, s, m, h, d or w, got "${text}"`);
  return Number(match[1]) * unit;
}

/** Share in [0, 1] of `10%`. Throws `RangeError` for anything else. */
export function parseShare(text: string): number {
  const match = /^(\d+(?:\.\d+)?)%$/.exec(text);
  const value = Number(match?.[1]) / 100;
  if (!(value >= 0 && value <= 1)) throw new RangeError(`a share lies between 0% and 100%, got "${text}"`);
  return value;
}

/** Share of rows that may be set aside where a task does not say. */
export const toleratedByDefault = '1%';
