import { ServedModel, writeNetwork } from '@adstocrat/bench';
import type { PeerCheck } from './peer-check.ts';
import { pythonChecks } from './python-checks.ts';

/** Clients that others built on the two protocols, against one server. */
export async function* wrappedClients(): AsyncIterable<PeerCheck> {
  const streams = [{ stream: 'cross-network' as const, crossLayers: 1, hidden: [16], dropout: 0 }];
  const network = { model: 'ads', numbers: 2, texts: 3, terms: 100, streams };
  const model = await ServedModel.open((folder) => writeNetwork(folder, network));
  try {
    const server = await model.serve('peers', {});
    yield* pythonChecks('nvidia-pytriton-0.5.12', 'wrapped_clients.py', [server.address, server.restAddress]);
    yield* pythonChecks('min-tfs-client-1.0.2', 'min_tfs_client_checks.py', [server.address]);
  } finally {
    await model.close();
  }
}
