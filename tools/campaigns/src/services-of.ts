import { readdirSync, readFileSync } from 'node:fs';

/** Process ids of a command's services by name, found as its children in /proc. */
export function servicesOf(commandPid: number): ReadonlyMap<string, number> {
  const found = new Map<string, number>();
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    try {
      const [, parent] = readFileSync(`/proc/${entry}/stat`, 'utf8')
        .replace(/^.*\) /s, '')
        .split(' ');
      if (Number(parent) !== commandPid) continue;
      const name = /apps\/(\w+)\/src\/main\.ts/.exec(readFileSync(`/proc/${entry}/cmdline`, 'utf8'))?.[1];
      if (name !== undefined) found.set(name, Number(entry));
    } catch {
      // It ended meanwhile.
    }
  }
  return found;
}
