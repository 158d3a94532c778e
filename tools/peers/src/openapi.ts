import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ServedModel } from '@adstocrat/bench';
import type { PeerCheck } from './peer-check.ts';
import { pythonEnvironment } from './python-environment.ts';

const peer = 'schemathesis-4.32.5';

/**
 * Not asked: that every request that fits the document is accepted, since inputs are the model's and the document knows none; and
 * 405 for other methods, since TensorFlow Serving's paths answer 400.
 */
const notAsked = 'positive_data_acceptance,unsupported_method';

/** Requests made up by the OpenAPI document, right and wrong ones: no 5xx, and every answer is as the document says. */
export async function* openApi(): AsyncIterable<PeerCheck> {
  const model = await ServedModel.open();
  const folder = mkdtempSync(join(tmpdir(), 'adstocrat-schemathesis-'));
  try {
    const { restAddress } = await model.serve('peers', {});
    const settings = join(folder, 'schemathesis.toml');
    writeFileSync(settings, '[parameters]\nmodel = "ads"\n');
    const { status, stdout, stderr } = spawnSync(
      join(pythonEnvironment(peer).folder, 'bin/schemathesis'),
      [
        ...['--config-file', settings, 'run', `http://${restAddress}/openapi.json`],
        ...['--max-examples', '100', '--seed', '1', '--no-color', '--exclude-checks', notAsked],
      ],
      { encoding: 'utf8', cwd: folder, maxBuffer: 64 * 1024 * 1024, timeout: 900_000 },
    );
    const cases = /(\d+) generated, (\d+) passed/.exec(stdout);
    const check = `finds nothing wrong in ${cases?.[1] ?? 'its'} requests`;
    yield status === 0 && cases !== null && cases[1] === cases[2]
      ? { peer, check }
      : { peer, check, wrong: `it ended with ${status}: ${`${stdout}${stderr}`.trim().slice(-2000)}` };
  } finally {
    await model.close();
    rmSync(folder, { recursive: true, force: true });
  }
}
