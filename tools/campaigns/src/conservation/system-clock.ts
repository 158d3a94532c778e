/** The system's clock as the campaign sets it: what `CLOCK_SPEED` and `CLOCK_ORIGIN` say to every service. */
export class SystemClock {
  readonly speed: number;
  readonly #origin = { wallMs: Date.now(), systemMs: Date.UTC(2026, 2, 1, 11, 30) };

  /** Whole system milliseconds per wall millisecond. */
  constructor(speed: number) {
    this.speed = speed;
  }

  /** System time at a wall time, Unix milliseconds both. */
  at(wallMs: number): number {
    return this.#origin.systemMs + (wallMs - this.#origin.wallMs) * this.speed;
  }

  nowMs(): number {
    return this.at(Date.now());
  }

  /** Wall time at which it shows a system time. */
  wallAt(systemMs: number): number {
    return this.#origin.wallMs + (systemMs - this.#origin.systemMs) / this.speed;
  }

  get environment(): Readonly<Record<string, string>> {
    const { wallMs, systemMs } = this.#origin;
    return { CLOCK_SPEED: String(this.speed), CLOCK_ORIGIN: `${wallMs}:${systemMs}` };
  }
}
