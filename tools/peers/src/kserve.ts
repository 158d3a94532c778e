import { ServedModel } from '@adstocrat/bench';
import type { PeerCheck } from './peer-check.ts';
import { pythonChecks } from './python-checks.ts';

/** The KServe SDK's clients, REST V1 and V2 and gRPC, against one server. */
export async function* kserve(): AsyncIterable<PeerCheck> {
  const model = await ServedModel.open();
  try {
    const server = await model.serve('peers', {});
    yield* pythonChecks('kserve-0.21.0', 'kserve_client.py', [server.address, server.restAddress]);
  } finally {
    await model.close();
  }
}
