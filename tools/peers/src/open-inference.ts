import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { ServedModel, type ServingProcess } from '@adstocrat/bench';
import type { PeerCheck } from './peer-check.ts';
import { perfAnalyzer } from './perf-analyzer.ts';
import { pythonEnvironment, pythonSources } from './python-environment.ts';

/** Clients of Triton Inference Server, as PyPI has them. */
const clients = ['tritonclient-2.73.0', 'tritonclient-2.44.0'];

/** Triton's Python clients, gRPC and HTTP, and perf_analyzer, against one server. */
export async function* openInference(): AsyncIterable<PeerCheck> {
  const model = await ServedModel.open();
  try {
    const server = await model.serve('peers', {});
    for (const client of clients) yield* tritonClient(client, server);
    yield* perfAnalyzer(pythonEnvironment('tritonclient-2.44.0'), server);
  } finally {
    await model.close();
  }
}

/** The Python side says a check a line, as JSON. */
async function* tritonClient(client: string, server: ServingProcess): AsyncIterable<PeerCheck> {
  const { python } = pythonEnvironment(client);
  const child = spawn(python, [join(pythonSources, 'triton_client.py'), server.address, server.restAddress], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit');
  for await (const line of createInterface(child.stdout))
    yield { peer: client, ...(JSON.parse(line) as Omit<PeerCheck, 'peer'>) };
  const [code] = (await ended) as [number | null];
  if (code !== 0) yield { peer: client, check: 'runs to its end', wrong: `it ended with ${code}` };
}
