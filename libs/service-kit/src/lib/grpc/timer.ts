/** The longest that Node's timers wait; longer ones would not wait at all. */
const longestMs = 2 ** 31 - 1;

/** Calls after so many wall milliseconds; never after more than 24 days. */
export function timer(ms: number, does: () => void): NodeJS.Timeout | undefined {
  return ms > longestMs ? undefined : setTimeout(does, ms);
}
