import { servicesOf } from './services-of.ts';

/** Which service to kill, and the line of a command's progress that shows when. */
export interface Kill {
  readonly service: string;
  readonly when: RegExp;
}

/** A listener for a command's lines that kills each service once, with SIGKILL. `killed` says which it got. */
export function killServices(kills: readonly Kill[]): {
  readonly killed: readonly string[];
  onLine(line: string, commandPid: number): void;
} {
  const killed: string[] = [];
  return {
    killed,
    onLine: (line, commandPid) => {
      const next = kills.find(({ service, when }) => when.test(line) && !killed.includes(service));
      const pid = next && servicesOf(commandPid).get(next.service);
      if (next === undefined || pid === undefined) return;
      process.kill(pid, 'SIGKILL');
      killed.push(next.service);
    },
  };
}
