import { ServedModel } from '@adstocrat/bench';
import type { PeerCheck } from './peer-check.ts';
import { perfAnalyzer } from './perf-analyzer.ts';
import { pythonChecks } from './python-checks.ts';
import { pythonEnvironment } from './python-environment.ts';

/** Clients of Triton Inference Server, as PyPI has them. */
const clients = ['tritonclient-2.73.0', 'tritonclient-2.44.0'];

/** Triton's Python clients, gRPC and HTTP, and perf_analyzer, against one server. */
export async function* openInference(): AsyncIterable<PeerCheck> {
  const model = await ServedModel.open();
  try {
    const server = await model.serve('peers', {});
    for (const client of clients) yield* pythonChecks(client, 'triton_client.py', [server.address, server.restAddress]);
    yield* perfAnalyzer(pythonEnvironment('tritonclient-2.44.0'), server);
  } finally {
    await model.close();
  }
}
