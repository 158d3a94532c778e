const hourMs = 3_600_000;

/** The hour of a time on the system's clock: hours since the Unix epoch. */
export function hourOf(systemMs: number): number {
  return Math.floor(systemMs / hourMs);
}

/** When an hour is over, Unix milliseconds on the system's clock. */
export function endOfHour(hour: number): number {
  return (hour + 1) * hourMs;
}
