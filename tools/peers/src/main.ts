// npm run test:peers -- NAME: stock clients of others against this server.
import type { PeerCheck } from './peer-check.ts';

const suites: Readonly<Record<string, () => AsyncIterable<PeerCheck>>> = {
  v2: async function* () {
    yield* (await import('./open-inference.ts')).openInference();
  },
  tfs: async function* () {
    yield* (await import('./tensorflow-serving.ts')).tensorflowServing();
  },
  kserve: async function* () {
    yield* (await import('./kserve.ts')).kserve();
  },
  wrapped: async function* () {
    yield* (await import('./wrapped-clients.ts')).wrappedClients();
  },
  folders: async function* () {
    yield* (await import('./plain-models.ts')).plainModels();
  },
  openapi: async function* () {
    yield* (await import('./openapi.ts')).openApi();
  },
  tensorboard: async function* () {
    yield* (await import('./tensorboard.ts')).tensorboard();
  },
  spark: async function* () {
    yield* (await import('./spark.ts')).spark();
  },
  optuna: async function* () {
    yield* (await import('./optuna.ts')).optuna();
  },
  grpc: async function* () {
    yield* (await import('./grpc-tools.ts')).grpcTools();
  },
  java: async function* () {
    yield* (await import('./grpc-java.ts')).grpcJava();
  },
};

const names = process.argv.slice(2);
const unknown = names.filter((name) => !Object.hasOwn(suites, name));
if (unknown.length > 0) {
  console.error(`usage: npm run test:peers [-- NAME …], with NAME one of: ${Object.keys(suites).join(', ')}`);
  process.exitCode = 2;
} else {
  let [passed, failed] = [0, 0];
  for (const [name, suite] of Object.entries(suites)) {
    if (names.length > 0 && !names.includes(name)) continue;
    for await (const { peer, check, wrong } of suite()) {
      if (wrong === undefined) passed += 1;
      else failed += 1;
      console.log(`${wrong === undefined ? '✓' : '✗'} ${peer}: ${check}${wrong === undefined ? '' : `\n    ${wrong}`}`);
    }
  }
  console.log(`${passed} passed, ${failed} failed`);
  process.exitCode = failed === 0 && passed > 0 ? 0 : 1;
}
