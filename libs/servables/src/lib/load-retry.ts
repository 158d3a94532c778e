const [firstMs, longestMs] = [5000, 300_000];

/**
 * Milliseconds after which a version whose load has failed `failures` times (1 or more) is tried again: 5 s, doubled each time, 5 min at
 * most. One that is damaged is not fetched all the time, and one whose store was away is served soon after.
 */
export function loadRetryMs(failures: number): number {
  return Math.min(longestMs, firstMs * 2 ** (failures - 1));
}
