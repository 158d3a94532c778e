import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';
import { ServedModel, type ServingProcess } from '@adstocrat/bench';
import { goProgram } from './go-program.ts';
import type { PeerCheck } from './peer-check.ts';
import { pythonChecks } from './python-checks.ts';

const client = 'grpcio-1.85.3';
const grpcurl = 'grpcurl 1.9.3';
const image = resolve(import.meta.dirname, '../../../libs/schemas/wire-facts/tensorflow-serving.binpb');

/** grpcio with TensorFlow Serving's original descriptors, and grpcurl by server reflection, against one server. */
export async function* tensorflowServing(): AsyncIterable<PeerCheck> {
  const model = await ServedModel.open();
  try {
    const server = await model.serve('peers', {});
    yield* pythonChecks(client, 'tensorflow_serving_client.py', [image, server.address]);
    yield* reflected(server);
  } finally {
    await model.close();
  }
}

/** It knows no message of ours but from the server. */
async function* reflected(server: ServingProcess): AsyncIterable<PeerCheck> {
  const program = goProgram('github.com/fullstorydev/grpcurl/cmd/grpcurl', 'v1.9.3');
  const ask = (...args: readonly string[]): string => {
    const { stdout, stderr } = spawnSync(program, ['-plaintext', ...args], { encoding: 'utf8', timeout: 60_000 });
    return `${stdout}${stderr}`;
  };
  const price = { dtype: 'DT_FLOAT', tensor_shape: { dim: [{ size: 1 }] }, float_val: [10] };
  const request = JSON.stringify({ model_spec: { name: 'ads' }, inputs: { price } });
  const checks: readonly (readonly [check: string, says: RegExp, answer: string])[] = [
    ['lists the services', /^inference\.GRPCInferenceService$/m, ask(server.address, 'list')],
    [
      'describes a message',
      /map<string, \.tensorflow\.TensorProto> inputs = 2;/,
      ask(server.address, 'describe', 'tensorflow.serving.PredictRequest'),
    ],
    ['predicts', /"floatVal"/, ask('-d', request, server.address, 'tensorflow.serving.PredictionService/Predict')],
    ['checks the health', /"SERVING"/, ask(server.address, 'grpc.health.v1.Health/Check')],
  ];
  for (const [check, says, answer] of checks)
    yield says.test(answer)
      ? { peer: grpcurl, check }
      : { peer: grpcurl, check, wrong: `it said: ${answer.trim().slice(-400)}` };
}
