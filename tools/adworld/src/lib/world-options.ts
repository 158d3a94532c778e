/** What shapes a world. Two worlds with equal options are equal in every byte. */
export interface WorldOptions {
  /** Any integer in 32 bits. */
  readonly seed?: number;
  /** Calendar months of history, from 2026-01. Default 3. */
  readonly months?: number;
  /** Ads in the catalogue, those that launch during the live days included. Default 600. */
  readonly creatives?: number;
  /** People who see ads. Default 20,000. */
  readonly users?: number;
  /** Days after the history for which the catalogue holds late launches. Default 14. */
  readonly liveDays?: number;
  /** Share of impressions clicked over the history, in (0, 0.5]. Default 0.05. */
  readonly clickRate?: number;
  /** Width and height of an image in pixels. Default 64. */
  readonly imageSize?: number;
}

export const hourMs = 3_600_000;
export const dayMs = 24 * hourMs;

/** Options with defaults filled in, and the times that follow from them. */
export interface WorldSettings extends Required<WorldOptions> {
  /** Unix milliseconds of the history's first instant. */
  readonly startMs: number;
  /** First instant after the history: live traffic starts here. */
  readonly endMs: number;
  /** First instant of each month of the history, and {@link endMs} last. */
  readonly monthStartsMs: readonly number[];
}

/** Throws `RangeError` that names the option, its range and the value. */
export function worldSettings(options: WorldOptions = {}): WorldSettings {
  const whole = (name: keyof WorldOptions, fallback: number, least: number, most: number): number => {
    const value = options[name] ?? fallback;
    if (!Number.isInteger(value) || value < least || value > most) {
      throw new RangeError(`${name} must be a whole number from ${least} to ${most}, got ${value}`);
    }
    return value;
  };
  const clickRate = options.clickRate ?? 0.05;
  if (!(clickRate > 0 && clickRate <= 0.5)) throw new RangeError(`clickRate must be in (0, 0.5], got ${clickRate}`);
  const months = whole('months', 3, 1, 24);
  const monthStartsMs = Array.from({ length: months + 1 }, (_, month) => Date.UTC(2026, month, 1));
  return {
    seed: whole('seed', 7, -(2 ** 31), 2 ** 32 - 1),
    months,
    creatives: whole('creatives', 600, 20, 20_000),
    users: whole('users', 20_000, 10, 5_000_000),
    liveDays: whole('liveDays', 14, 1, 365),
    clickRate,
    imageSize: whole('imageSize', 64, 32, 512),
    startMs: monthStartsMs[0]!,
    endMs: monthStartsMs[months]!,
    monthStartsMs,
  };
}
