/** Relative traffic by UTC weekday (Sunday first) and hour: weekends are busier, nights quieter. */
const weekdayTraffic = [1.15, 0.95, 0.95, 0.97, 1, 1.05, 1.1];
const hourTraffic = [
  3, 2, 1.5, 1.2, 1.2, 1.6, 2.5, 3.6, 4.4, 4.8, 5, 5.2, 5.5, 5.3, 5, 4.9, 5, 5.4, 6, 6.6, 7, 6.6, 5.4, 4,
];

/** How much of the history's traffic falls into the hour that holds `timeMs`, relative to other hours. */
export function trafficAt(timeMs: number): number {
  const date = new Date(timeMs);
  return weekdayTraffic[date.getUTCDay()]! * hourTraffic[date.getUTCHours()]!;
}
