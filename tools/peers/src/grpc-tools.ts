import { spawnSync } from 'node:child_process';
import { ServedModel } from '@adstocrat/bench';
import { goProgram } from './go-program.ts';
import type { PeerCheck } from './peer-check.ts';

const probe = 'grpc-health-probe 0.4.62';
const ghz = 'ghz 0.93.0';
const requests = 2000;

const tensor = { dtype: 'DT_FLOAT', tensor_shape: { dim: [{ size: 1 }] }, float_val: [10] };
const calls = [
  {
    method: 'tensorflow.serving.PredictionService/Predict',
    request: { model_spec: { name: 'ads' }, inputs: { price: tensor } },
  },
  {
    method: 'inference.GRPCInferenceService/ModelInfer',
    request: {
      model_name: 'ads',
      inputs: [{ name: 'price', datatype: 'FP64', shape: [1], contents: { fp64_contents: [10] } }],
    },
  },
];

/** Programs in Go that know a server by its reflection and its health alone. */
export async function* grpcTools(): AsyncIterable<PeerCheck> {
  const model = await ServedModel.open();
  try {
    const { address } = await model.serve('peers', {});
    yield* healthProbe(address);
    for (const call of calls) yield load(address, call);
  } finally {
    await model.close();
  }
}

function* healthProbe(address: string): Iterable<PeerCheck> {
  const program = goProgram('github.com/grpc-ecosystem/grpc-health-probe', 'v0.4.62');
  const probes = [
    { check: 'finds the server healthy', service: '', status: 0 },
    { check: 'finds the model healthy', service: 'ads', status: 0 },
    { check: 'finds no other model', service: 'bids', status: 3 },
  ];
  for (const { check, service, status: wanted } of probes) {
    const args = [`-addr=${address}`, `-service=${service}`, '-connect-timeout=30s', '-rpc-timeout=30s'];
    const { status, stderr } = spawnSync(program, args, { encoding: 'utf8', timeout: 90_000 });
    yield status === wanted
      ? { peer: probe, check }
      : { peer: probe, check, wrong: `it ended with ${status}: ${stderr.trim()}` };
  }
}

function load(address: string, { method, request }: (typeof calls)[number]): PeerCheck {
  const program = goProgram('github.com/bojand/ghz/cmd/ghz', 'v0.93.0');
  const args = ['--insecure', '--call', method, '-d', JSON.stringify(request)];
  const { status, stdout, stderr } = spawnSync(
    program,
    [...args, '-c', '16', '-n', String(requests), '-t', '60s', '-O', 'json', address],
    { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024, timeout: 300_000 },
  );
  const check = `is answered ${requests} times at concurrency 16: ${method}`;
  if (status !== 0) return { peer: ghz, check, wrong: `it ended with ${status}: ${stderr.trim().slice(-600)}` };
  const { statusCodeDistribution: codes } = JSON.parse(stdout) as {
    readonly statusCodeDistribution: Readonly<Record<string, number>>;
  };
  return codes['OK'] === requests ? { peer: ghz, check } : { peer: ghz, check, wrong: JSON.stringify(codes) };
}
