import { readdirSync, readFileSync } from 'node:fs';

/** A process and everything it started, from /proc; parents first. */
export function processTree(rootPid: number): readonly number[] {
  const children = new Map<number, number[]>();
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    try {
      // pid (command) state parent …; the command may hold blanks and brackets.
      const [, parent] = readFileSync(`/proc/${entry}/stat`, 'utf8')
        .replace(/^.*\) /s, '')
        .split(' ');
      const siblings = children.get(Number(parent)) ?? [];
      siblings.push(Number(entry));
      children.set(Number(parent), siblings);
    } catch {
      // It ended meanwhile.
    }
  }
  const tree = [rootPid];
  for (const pid of tree) tree.push(...(children.get(pid) ?? []));
  return tree;
}

/** Sends a signal to a process and everything it started. Parents are first: a stopped one starts nothing more. */
export function signalTree(rootPid: number, signal: NodeJS.Signals): void {
  for (const pid of processTree(rootPid)) {
    try {
      process.kill(pid, signal);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  }
}
