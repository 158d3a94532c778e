/** Years that a zone's changes are known of. Before and after them its first and its last offset hold. */
const [firstYear, lastYear] = [1900, 2100] as const;
/** No zone changes its offset twice within so long and back. */
const stepMs = 7 * 86_400_000;

const known = new Map<string, Zone>();

/**
 * What the clocks of an IANA time zone showed when, for times that are written without a zone.
 *
 * - A time that the clocks skipped (spring forward) counts by the offset before: 02:30 is 03:30 of the new time.
 * - A time that they showed twice (fall back) is the first of the two.
 *
 * Both as `Temporal`'s "compatible" and RFC 5545 have it.
 */
export class Zone {
  readonly name: string;
  /** Clock times, in milliseconds as if they were UTC, from which each offset but the first holds. Ascending. */
  readonly starts: readonly number[];
  /** Milliseconds that the clocks are ahead of UTC; one more than {@link starts}. */
  readonly offsets: readonly number[];

  private constructor(name: string, starts: readonly number[], offsets: readonly number[]) {
    this.name = name;
    this.starts = starts;
    this.offsets = offsets;
  }

  /** Throws a `RangeError` for what is no name of a zone. */
  static of(name: string): Zone {
    let zone = known.get(name);
    if (zone === undefined) known.set(name, (zone = Zone.#read(name)));
    return zone;
  }

  /** Whether the name is one of the IANA database's, as `Europe/Berlin`; an offset is none. */
  static isName(name: string): boolean {
    try {
      return /^[A-Za-z]/.test(name) && clockOf(name) !== undefined;
    } catch {
      return false;
    }
  }

  static #read(name: string): Zone {
    if (!Zone.isName(name)) throw new RangeError(`"${name}" is no time zone of the IANA database, as Europe/Berlin is`);
    const clock = clockOf(name);
    const starts: number[] = [];
    let before = Date.UTC(firstYear, 0, 1);
    const offsets = [offsetAt(clock, before)];
    for (const end = Date.UTC(lastYear, 0, 1); before < end; before += stepMs) {
      const [from, to] = [offsets.at(-1) ?? 0, offsetAt(clock, before + stepMs)];
      if (from === to) continue;
      const at = changeBetween(clock, before, before + stepMs, from);
      // Skipped times count as before, those that come twice as the first: either way the larger offset's clock says from when.
      starts.push(at + Math.max(from, to));
      offsets.push(to);
    }
    return new Zone(name, starts, offsets);
  }

  /** The Unix milliseconds of a clock time that is given as if it were UTC; NaN of NaN. */
  utcOf(clockMs: number): number {
    let [low, high] = [0, this.starts.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.starts[middle] ?? Infinity) <= clockMs) low = middle + 1;
      else high = middle;
    }
    return clockMs - (this.offsets[low] ?? 0);
  }
}

function clockOf(name: string): Intl.DateTimeFormat {
  return new Intl.DateTimeFormat('en-US', {
    timeZone: name,
    calendar: 'gregory',
    numberingSystem: 'latn',
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
}

function offsetAt(clock: Intl.DateTimeFormat, utcMs: number): number {
  const part: Record<string, number> = {};
  for (const { type, value } of clock.formatToParts(utcMs)) part[type] = Number(value);
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = part;
  return Date.UTC(year, month - 1, day, hour, minute, second) - utcMs;
}

/** The second from which the offset is no longer `from`. */
function changeBetween(clock: Intl.DateTimeFormat, before: number, after: number, from: number): number {
  let [low, high] = [before / 1000, after / 1000];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (offsetAt(clock, middle * 1000) === from) low = middle;
    else high = middle;
  }
  return high * 1000;
}
