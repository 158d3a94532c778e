/** Whether a row is one of at most `limit` that lie evenly among so many. */
export function evenPart(rows: number, limit: number): (row: number) => boolean {
  const share = Math.min(1, limit / Math.max(1, rows));
  return (row) => Math.floor((row + 1) * share) > Math.floor(row * share);
}
