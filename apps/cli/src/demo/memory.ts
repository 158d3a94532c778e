import { readFileSync } from 'node:fs';

/** Proportional set size of processes together, MiB: shared pages count once. Processes that ended meanwhile count nothing. */
export function proportionalMiB(pids: readonly number[]): number {
  let kib = 0;
  for (const pid of pids) {
    try {
      kib += Number(/^Pss:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1] ?? 0);
    } catch {
      // Gone, or no Linux: there is nothing to count.
    }
  }
  return kib / 1024;
}

/** The process and all its descendants, by their parents in /proc. */
export function withDescendants(roots: readonly number[], parents: ReadonlyMap<number, number>): readonly number[] {
  const family = new Set(roots);
  for (let before = -1; before !== family.size;) {
    before = family.size;
    for (const [child, parent] of parents) if (family.has(parent)) family.add(child);
  }
  return [...family];
}
