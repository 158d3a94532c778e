import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeClickLog } from '@adstocrat/bench';
import { runCommand } from '@adstocrat/campaigns';
import type { PeerCheck } from './peer-check.ts';
import { pythonChecks } from './python-checks.ts';

const rows = 5000;

/** TensorBoard's reader on what `models --report` writes of a version. */
export async function* tensorboard(): AsyncIterable<PeerCheck> {
  const folder = mkdtempSync(join(tmpdir(), 'adstocrat-tensorboard-'));
  try {
    const [data, home, reports] = ['data', 'home', 'reports'].map((name) => join(folder, name)) as [
      string,
      string,
      string,
    ];
    await writeClickLog(data, rows, 5);
    const run = ['run', '--home', home, '--free-ports', '--data', data, '--label', 'clicked', '--once'];
    // 3: trained, and not blessed. There is a version all the same.
    const { code, stderr } = await runCommand(run);
    if (code !== 0 && code !== 3) throw new Error(`the command ended with ${code}:\n${stderr.slice(-2000)}`);
    await runCommand(['models', '--home', home, '--free-ports', '--report', reports]);
    yield* pythonChecks('tensorboard-2.21.0', 'tensorboard_reader.py', [join(reports, 'tensorboard')]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
