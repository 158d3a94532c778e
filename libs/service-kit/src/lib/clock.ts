/** The system's clock. Every service of a system reads the same one: it is a pure function of the wall clock. */
export interface Clock {
  /** Milliseconds that pass on it in one wall millisecond. */
  readonly speed: number;
  /** Unix milliseconds on this clock now. */
  nowMs(): number;
  /** What this clock shows at a wall time, Unix milliseconds both. */
  at(wallMs: number): number;
}

/** What `CLOCK_ORIGIN` names: what the clock showed (`systemMs`) at a wall time, Unix milliseconds. */
export interface ClockOrigin {
  readonly wallMs: number;
  readonly systemMs: number;
}

/**
 * The wall clock, or one that runs `speed` times as fast and showed `origin.systemMs` at `origin.wallMs`: a simulation lives through
 * days in minutes, and windows, steps and cool-downs all follow. Without an origin both agree at the Unix epoch's start only where
 * the speed is 1, so a speed other than 1 needs one: throws a `RangeError`.
 */
export function clockOf(options: { readonly speed?: number; readonly origin?: ClockOrigin } = {}): Clock {
  const { speed = 1, origin } = options;
  if (!(speed > 0 && speed < Infinity)) throw new RangeError(`the clock's speed must be finite and > 0, got ${speed}`);
  if (origin === undefined && speed !== 1)
    throw new RangeError(`a clock of speed ${speed} needs an origin: set CLOCK_ORIGIN to WALL_MS:SYSTEM_MS`);
  const { wallMs, systemMs } = origin ?? { wallMs: 0, systemMs: 0 };
  const at = (wall: number): number => systemMs + (wall - wallMs) * speed;
  return { speed, at, nowMs: () => at(Date.now()) };
}

/** Reads `CLOCK_ORIGIN`: WALL_MS:SYSTEM_MS. Throws a `RangeError` for anything else. */
export function parseClockOrigin(text: string): ClockOrigin {
  const match = /^(\d{1,15}):(\d{1,15})$/.exec(text);
  if (match === null)
    throw new RangeError(`CLOCK_ORIGIN must be WALL_MS:SYSTEM_MS in Unix milliseconds, got "${text}"`);
  return { wallMs: Number(match[1]), systemMs: Number(match[2]) };
}
