import { existsSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { type Clock, type ClockOrigin, clockOf } from '@adstocrat/service-kit';
import type { Home } from './home.ts';

const touchMs = 1000;
/** What a killed command started may go on reading its clock for so long. */
const leftoverMs = 8000;

/**
 * The clock of a home's system. It shows the wall's time, or later: it never goes back, also where the system before ran it fast,
 * since what was served, seen and labelled bears its times. `clock.json` says how it went; the time of that file's last change is
 * until when.
 */
export class HomeClock {
  readonly clock: Clock;
  readonly origin: ClockOrigin;
  readonly #file: string;
  readonly #timer: NodeJS.Timeout;

  private constructor(file: string, speed: number, origin: ClockOrigin) {
    this.clock = clockOf({ speed, origin });
    this.origin = origin;
    this.#file = file;
    this.#timer = setInterval(() => {
      this.#touch();
    }, touchMs);
    this.#timer.unref();
  }

  /** For who has locked the home. */
  static open(home: Home, speed: number): HomeClock {
    const file = home.path('clock.json');
    const wallMs = Date.now();
    const origin = { wallMs, systemMs: Math.ceil(Math.max(wallMs, shownUntil(file, wallMs))) };
    writeFileSync(file, `${JSON.stringify({ speed, origin })}\n`, { mode: 0o600 });
    return new HomeClock(file, speed, origin);
  }

  close(): void {
    clearInterval(this.#timer);
    this.#touch();
  }

  #touch(): void {
    const now = Date.now() / 1000;
    utimesSync(this.#file, now, now);
  }
}

/** The latest that the clock before this one can have shown, Unix milliseconds. */
function shownUntil(file: string, wallMs: number): number {
  if (!existsSync(file)) return 0;
  const { speed, origin } = JSON.parse(readFileSync(file, 'utf8')) as {
    readonly speed: number;
    readonly origin: ClockOrigin;
  };
  return clockOf({ speed, origin }).at(Math.min(wallMs, statSync(file).mtimeMs + leftoverMs));
}
