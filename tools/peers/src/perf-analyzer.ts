import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { ServingProcess } from '@adstocrat/bench';
import type { PeerCheck } from './peer-check.ts';
import { type PythonEnvironment, pythonSources } from './python-environment.ts';

const peer = 'perf_analyzer 2.44.0';

/** perf_analyzer over both transports: it reads the model's metadata and configuration, and makes inputs by them. */
export async function* perfAnalyzer(environment: PythonEnvironment, server: ServingProcess): AsyncIterable<PeerCheck> {
  const libraries = librariesOf(environment);
  const rows = ['--input-data', join(pythonSources, 'rows.json')];
  const overGrpc = ['-i', 'grpc', '-u', server.address];
  const overHttp = ['-i', 'http', '-u', server.restAddress];
  const transports = [
    { check: 'measures gRPC', options: [...overGrpc, ...rows] },
    { check: 'measures gRPC streams', options: [...overGrpc, '--streaming', '--async', ...rows] },
    { check: 'measures HTTP in batches of 128', options: [...overHttp, '-b', '128', ...rows] },
    // Every text is this one, which the column of times takes; numbers are random bytes.
    { check: 'measures what it makes up by the metadata', options: [...overGrpc, '--string-data', '2026-04-01'] },
  ];
  for (const { check, options } of transports) {
    const { status, stdout, stderr } = spawnSync(
      join(environment.folder, 'bin/perf_analyzer'),
      [
        ...['-m', 'ads', '--concurrency-range', '4'],
        ...['--measurement-mode', 'count_windows', '--measurement-request-count', '200', '-s', '1000'],
        ...options,
      ],
      { encoding: 'utf8', env: { ...process.env, LD_LIBRARY_PATH: libraries }, timeout: 120_000 },
    );
    // How steady a figure is on a machine with other work is not asked here: -s 1000.
    const measured = /throughput: [1-9][\d.]* infer\/sec/i.test(stdout);
    yield measured
      ? { peer, check }
      : { peer, check, wrong: `it ended with ${status}: ${`${stdout}${stderr}`.trim().slice(-600)}` };
  }
}

/** Folders of the two shared libraries that it needs and the wheel does not bring. */
function librariesOf({ folder }: PythonEnvironment): string {
  const base64 = join(folder, 'libb64.so.0d');
  if (!existsSync(base64))
    execFileSync('gcc', ['-shared', '-fPIC', '-O2', '-o', base64, join(pythonSources, 'base64-of-libb64.c')], {
      stdio: 'inherit',
    });
  const [python = ''] = readdirSync(join(folder, 'lib'));
  return [folder, join(folder, 'lib', python, 'site-packages/nvidia/cuda_runtime/lib')].join(delimiter);
}
