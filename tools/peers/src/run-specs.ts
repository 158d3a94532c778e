import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { PeerCheck } from './peer-check.ts';

interface Report {
  readonly testResults: readonly {
    readonly message: string;
    readonly assertionResults: readonly {
      readonly title: string;
      readonly status: string;
      readonly failureMessages: readonly string[];
    }[];
  }[];
}

/** Runs the tests of a spec whose titles match, each a check of the peer. That there is a report at all is one more. */
export async function* runSpecs(
  file: string,
  of: { readonly peer: string; readonly title: string; readonly environment: Readonly<Record<string, string>> },
): AsyncIterable<PeerCheck> {
  const { peer, title, environment } = of;
  const folder = mkdtempSync(join(tmpdir(), 'adstocrat-peers-'));
  const reportFile = join(folder, 'report.json');
  try {
    const child = spawn('vitest', ['run', file, '-t', title, '--reporter=json', `--outputFile=${reportFile}`], {
      cwd: resolve(import.meta.dirname, '../../..'),
      env: { ...process.env, ...environment },
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    const [code] = (await once(child, 'exit')) as [number | null];
    const { testResults } = JSON.parse(readFileSync(reportFile, 'utf8')) as Report;
    for (const { assertionResults, message } of testResults) {
      if (assertionResults.length === 0) yield { peer, check: 'is ready for the suite', wrong: message };
      for (const { title: check, status, failureMessages } of assertionResults) {
        if (status === 'passed') yield { peer, check };
        else if (status === 'failed') yield { peer, check, wrong: failureMessages.join('\n') };
      }
    }
    if (code !== 0) yield { peer, check: 'ends the suite well', wrong: `vitest ended with ${code}` };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
