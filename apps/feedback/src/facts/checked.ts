import { isEventName, PermanentFailure } from '@adstocrat/event-bus';

/** Last instant of the year 9998: what is later is no time of this system. */
export const lastMs = Date.UTC(9999, 0) - 1;

/** What is wrong with a name; undefined for what may be an event's: 1 to 256 bytes of printable UTF-8. */
export function nameProblem(name: string): string | undefined {
  if (isEventName(name)) return undefined;
  const bytes = Buffer.byteLength(name);
  if (bytes === 0) return 'is empty';
  return bytes > 256 ? `is ${bytes} bytes long, at most 256 are allowed` : 'holds characters that are not printable';
}

/** What is wrong with a time; undefined for Unix milliseconds before the year 9999, where 0 is "not known". */
export function timeProblem(timeMs: number): string | undefined {
  if (Number.isSafeInteger(timeMs) && timeMs >= 0 && timeMs <= lastMs) return undefined;
  return `must be Unix milliseconds from 0 to ${lastMs}, got ${timeMs}`;
}

/** Throws a {@link PermanentFailure} that names the field, where there is a problem. */
export function refuse(field: string, problem: string | undefined): void {
  if (problem !== undefined) throw new PermanentFailure(`${field} ${problem}`);
}
