import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runCommand } from '../command.ts';
import type { Ingestion } from './ingestion.ts';
import { judge } from './judge.ts';
import { layOut } from './lay-out.ts';
import type { StrangeCase, StrangeDrop } from './strange-case.ts';
import { tryDrop } from './try-drop.ts';

/** In what the system departs from a case's answer: empty where it is right. */
export async function tryCase(on: Ingestion, strange: StrangeCase): Promise<readonly string[]> {
  if (strange.command !== undefined) return tryCommand(strange, strange.command);
  const wrong: string[] = [];
  for (const [index, drop] of dropsOf(strange).entries()) {
    const found = judge(drop.expect, await tryDrop(on, strange, drop, index + 1));
    wrong.push(...found.map((one) => (strange.drops === undefined ? one : `drop ${index + 1}: ${one}`)));
  }
  return wrong;
}

function dropsOf({ drops, files, expect }: StrangeCase): readonly StrangeDrop[] {
  if (drops !== undefined) return drops;
  return expect === undefined ? [] : [{ files, expect }];
}

/** A command that starts nothing: it has to answer in words and leave no home behind. */
async function tryCommand(strange: StrangeCase, command: readonly string[]): Promise<readonly string[]> {
  const folder = mkdtempSync(join(tmpdir(), 'adstocrat-strange-command-'));
  try {
    await layOut(strange, strange.files, folder);
    const home = join(folder, 'home');
    const args = [...command.map((word) => word.replaceAll('{}', folder)), '--home', home];
    const { code, stdout, stderr } = await runCommand(args);
    const printed = `${stdout}\n${stderr}`;
    return [
      ...(code === strange.exit ? [] : [`exit code ${String(code)}, not ${strange.exit}: ${printed}`]),
      ...strange.prints
        .filter((one) => !one.test(printed))
        .map((one) => `nothing printed is ${String(one)}: ${printed}`),
      ...(/\n\s+at /.test(printed) ? [`a stack trace: ${printed}`] : []),
      ...(existsSync(home) ? ['it made a home: something was started'] : []),
    ];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
