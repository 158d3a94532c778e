import { readdirSync, readFileSync } from 'node:fs';

/** Clock ticks a second, as Linux has them in /proc. */
const ticksPerS = 100;

interface ProcessTimes {
  readonly pid: number;
  readonly parent: number;
  /** Seconds of CPU of its own, and of its children that have ended. */
  readonly ownS: number;
  readonly endedChildrenS: number;
}

/** Seconds of CPU that everything below this process has used: children that live, theirs, and those that have ended. Linux only. */
export function descendantsCpuS(root: number = process.pid): number {
  const all = processes();
  const below = treeBelow(root, all);
  return all
    .filter(({ pid }) => below.has(pid))
    .reduce((sum, { pid, ownS, endedChildrenS }) => sum + (pid === root ? 0 : ownS) + endedChildrenS, 0);
}

/** Memory of everything below this process now, MiB: what several share is shared out among them. Linux only. */
export function descendantsMiB(root: number = process.pid): number {
  let kib = 0;
  for (const pid of treeBelow(root, processes())) {
    if (pid === root) continue;
    try {
      kib += Number(/^Pss:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1] ?? 0);
    } catch {
      // It has ended.
    }
  }
  return kib / 1024;
}

/** The process and all that it started, directly or not. */
function treeBelow(root: number, all: readonly ProcessTimes[]): ReadonlySet<number> {
  const below = new Set([root]);
  // A parent may come after its child in the list.
  for (let size = 0; size !== below.size;) {
    size = below.size;
    for (const { pid, parent } of all) if (below.has(parent)) below.add(pid);
  }
  return below;
}

/** Seconds of CPU that a process has used itself. */
export function cpuS(pid: number): number {
  return processes().find((one) => one.pid === pid)?.ownS ?? NaN;
}

/** The most memory that a process has had, MiB. */
export function peakMiB(pid: number): number {
  const match = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  return Number(match?.[1] ?? NaN) / 1024;
}

function processes(): readonly ProcessTimes[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        const text = readFileSync(`/proc/${name}/stat`, 'utf8');
        // The name is in brackets and may hold anything; the numbers follow it, the state first.
        const fields = text
          .slice(text.lastIndexOf(')') + 2)
          .split(' ')
          .map(Number);
        const ticks = (first: number): number => ((fields[first] ?? 0) + (fields[first + 1] ?? 0)) / ticksPerS;
        return [{ pid: Number(name), parent: fields[1] ?? 0, ownS: ticks(11), endedChildrenS: ticks(13) }];
      } catch {
        return [];
      }
    });
}
