import { chmodSync, copyFileSync, existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { environmentOf } from '@adstocrat/python-environments';
import { type PeerProgram, writeTexts } from './peer-server.ts';

const requirements = resolve(import.meta.dirname, '../../python/tritonserver-2.51.0.txt');

const config = `name: "mlp"
backend: "python"
max_batch_size: 128
input [ { name: "x" data_type: TYPE_FP32 dims: [ 32 ] } ]
output [ { name: "score" data_type: TYPE_FP32 dims: [ 1 ] } ]
instance_group [ { kind: KIND_CPU count: 1 } ]
`;

/** The environment's packages are not those of the interpreter that Triton's stub brings. */
const model = (packages: string): string => `import os
import sys
sys.path.insert(0, ${JSON.stringify(packages)})
import onnxruntime
import triton_python_backend_utils as pb


class TritonPythonModel:
    def initialize(self, args):
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        path = os.path.join(args["model_repository"], args["model_version"], "model.onnx")
        self.session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])

    def execute(self, requests):
        answers = []
        for request in requests:
            x = pb.get_input_tensor_by_name(request, "x").as_numpy()
            score = self.session.run(None, {"x": x})[0]
            answers.append(pb.InferenceResponse([pb.Tensor("score", score)]))
        return answers
`;

/**
 * Triton 2.51 as the wheel nvidia-pytriton 0.5.12 holds it: with the Python backend alone, which runs ONNX Runtime in a process of its
 * own. Triton's own ONNX backend, which no registry has, costs less.
 */
export const triton: PeerProgram = {
  name: 'triton-2.51',
  prepare: (folder, onnx, { grpc, rest }) => {
    const { folder: environment } = environmentOf(requirements);
    const [python = ''] = readdirSync(join(environment, 'lib'));
    const packages = join(environment, 'lib', python, 'site-packages');
    const server = join(packages, 'pytriton/tritonserver');
    const backends = join(server, 'backends');
    const [binary, stub] = [join(server, 'bin/tritonserver'), join(backends, 'python/triton_python_backend_stub')];
    if (!existsSync(stub))
      copyFileSync(
        join(server, 'python_backend_stubs', python.replace('python', ''), 'triton_python_backend_stub'),
        stub,
      );
    for (const program of [binary, stub]) chmodSync(program, 0o755);
    const version = join(folder, 'models/mlp/1');
    mkdirSync(version, { recursive: true });
    writeTexts(join(folder, 'models/mlp'), { 'config.pbtxt': config, '1/model.py': model(packages) });
    writeFileSync(join(version, 'model.onnx'), onnx);
    return {
      command: binary,
      args: [
        ...[`--model-repository=${join(folder, 'models')}`, `--backend-directory=${backends}`],
        ...[`--grpc-port=${grpc}`, '--grpc-address=127.0.0.1', `--http-port=${rest}`, '--http-address=127.0.0.1'],
        '--allow-metrics=false',
      ],
      env: { LD_LIBRARY_PATH: join(packages, 'nvidia_pytriton.libs') },
    };
  },
};
