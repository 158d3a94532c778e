import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { environmentOf } from '@adstocrat/python-environments';
import { type PeerProgram, writeTexts } from './peer-server.ts';

const requirements = resolve(import.meta.dirname, '../../python/mlserver-1.7.1.txt');

const runtime = `import onnxruntime
from mlserver import MLModel
from mlserver.codecs import NumpyCodec
from mlserver.types import InferenceResponse
from mlserver.utils import get_model_uri


class OnnxRuntime(MLModel):
    async def load(self):
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        path = await get_model_uri(self._settings)
        self.session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
        return True

    async def predict(self, payload):
        x = NumpyCodec.decode_input(payload.inputs[0])
        score = self.session.run(None, {"x": x})[0]
        outputs = [NumpyCodec.encode_output("score", score)]
        return InferenceResponse(model_name=self.name, model_version=self.version, outputs=outputs)
`;

/** MLServer 1.7.1, the model in its own process: a worker beside it would cost more a request. */
export const mlserver: PeerProgram = {
  name: 'mlserver-1.7.1',
  prepare: (folder, onnx, { grpc, rest, other }) => {
    const { folder: environment } = environmentOf(requirements);
    const model = join(folder, 'mlp');
    mkdirSync(model);
    writeTexts(folder, {
      'settings.json': JSON.stringify({
        debug: false,
        host: '127.0.0.1',
        http_port: rest,
        grpc_port: grpc,
        metrics_port: other,
        parallel_workers: 0,
      }),
      'mlp/model-settings.json': JSON.stringify({
        name: 'mlp',
        implementation: 'onnx_runtime.OnnxRuntime',
        parameters: { uri: './model.onnx' },
      }),
      'mlp/onnx_runtime.py': runtime,
    });
    writeFileSync(join(model, 'model.onnx'), onnx);
    return { command: join(environment, 'bin/mlserver'), args: ['start', folder], env: { PYTHONPATH: model } };
  },
};
