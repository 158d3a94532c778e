import { existsSync, readFileSync, statSync, utimesSync } from 'node:fs';
import { type Clock, type ClockOrigin, clockOf, replaceFile } from '@adstocrat/service-kit';
import { ExitError } from '../exit-error.ts';
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

  /** For who has locked the home. Throws {@link ExitError} where the clock before this one cannot be read. */
  static open(home: Home, speed: number): HomeClock {
    const file = home.path('clock.json');
    const wallMs = Date.now();
    const origin = { wallMs, systemMs: Math.ceil(Math.max(wallMs, shownUntil(file, wallMs))) };
    replaceFile(file, `${JSON.stringify({ speed, origin })}\n`);
    return new HomeClock(file, speed, origin);
  }

  close(): void {
    clearInterval(this.#timer);
    this.#touch();
  }

  #touch(): void {
    const now = Date.now() / 1000;
    try {
      utimesSync(this.#file, now, now);
    } catch {
      // The home was removed, or its disk cannot be written: the database in it says so. The next touch may do.
    }
  }
}

/** The latest that the clock before this one can have shown, Unix milliseconds. */
function shownUntil(file: string, wallMs: number): number {
  if (!existsSync(file)) return 0;
  const { speed, origin } = lastClock(file);
  return clockOf({ speed, origin }).at(Math.min(wallMs, statSync(file).mtimeMs + leftoverMs));
}

function lastClock(file: string): { readonly speed: number; readonly origin: ClockOrigin } {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as { readonly speed: number; readonly origin: ClockOrigin };
  } catch (error) {
    throw new ExitError(
      1,
      `${file} cannot be read (${(error as Error).message}). Remove it, and the clock shows the wall's time: where the system ran fast, earlier than what was served.`,
      { cause: error },
    );
  }
}
