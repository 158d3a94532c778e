import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type CampaignReport, exactly } from './campaign-report.ts';
import { runCommand } from './command.ts';

/**
 * Two commands, two homes, the usual ports, started at the same moment: one does its work on its own data, the other says at once
 * whose the ports are and leaves nothing. As many rounds as wanted; the usual ports must be free.
 */
export async function twoCommands(rounds: number): Promise<CampaignReport> {
  const folder = mkdtempSync(join(tmpdir(), 'adstocrat-two-commands-'));
  const figures = { winners: 0, losersThatSaidWhose: 0, crossed: 0, seconds: 0 };
  const startedMs = performance.now();
  try {
    for (const name of names) {
      mkdirSync(join(folder, `data-${name}`));
      const rows = Array.from({ length: 300 }, (_, row) => `${row},${name}-${row % 5},${row % 3 === 0 ? 1 : 0}`);
      writeFileSync(join(folder, `data-${name}`, 'log.csv'), [`price,${name},bought`, ...rows, ''].join('\n'));
    }
    for (let round = 0; round < rounds; round += 1) {
      const results = await Promise.all(
        names.map(async (name) => {
          const home = join(folder, `home-${round}-${name}`);
          const args = [
            'init',
            '--home',
            home,
            '--data',
            join(folder, `data-${name}`),
            '--label',
            'bought',
            '--out',
            '-',
          ];
          return { name, home, ...(await runCommand(args)) };
        }),
      );
      const winner = results.find(({ code }) => code === 0);
      const loser = results.find((one) => one !== winner);
      if (winner === undefined || loser === undefined) throw new Error(results.map(({ stderr }) => stderr).join('\n'));
      figures.winners += results.filter(({ code }) => code === 0).length;
      const says = new RegExp(`the usual ports are taken by adstocrat in ${winner.home} \\(process \\d+\\)`);
      if (loser.code === 1 && says.test(loser.stderr)) figures.losersThatSaidWhose += 1;
      else console.error(loser.stderr);
      // Each looked at its own data; the loser made no database and left no note of a system.
      const foreign = names.filter((name) => name !== winner.name && winner.stdout.includes(name));
      const left = ['postgres', 'running.json', 'logs'].filter((name) => existsSync(join(loser.home, name)));
      if (foreign.length > 0 || left.length > 0 || !winner.stdout.includes(winner.name)) figures.crossed += 1;
    }
    figures.seconds = (performance.now() - startedMs) / 1000;
    return {
      bench: 'ports',
      figures,
      peers: {},
      bars: [
        exactly('winners', figures.winners, rounds),
        exactly('losersThatSaidWhose', figures.losersThatSaidWhose, rounds),
        exactly('crossed', figures.crossed, 0),
      ],
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const names = ['apple', 'pear'] as const;
