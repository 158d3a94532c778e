import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { environmentOf } from '@adstocrat/python-environments';
import { type PeerProgram, writeTexts } from './peer-server.ts';

const requirements = resolve(import.meta.dirname, '../../python/kserve-0.21.0.txt');

const server = `import kserve
import onnxruntime
from kserve import InferOutput, InferResponse
from kserve.utils.utils import generate_uuid


class OnnxRuntime(kserve.Model):
    def __init__(self, name):
        super().__init__(name)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        self.session = onnxruntime.InferenceSession("model.onnx", options, providers=["CPUExecutionProvider"])
        self.ready = True

    async def predict(self, payload, headers=None, response_headers=None):
        score = self.session.run(None, {"x": payload.inputs[0].as_numpy()})[0]
        output = InferOutput(name="score", shape=list(score.shape), datatype="FP32")
        output.set_data_from_numpy(score, binary_data=False)
        response_id = payload.id or generate_uuid()
        return InferResponse(response_id=response_id, model_name=self.name, infer_outputs=[output])


if __name__ == "__main__":
    kserve.ModelServer(access_log_format=None).start([OnnxRuntime("mlp")])
`;

/** KServe's own server for models in Python, one process, as its documentation starts it; without a line of log a request. */
export const kserve: PeerProgram = {
  name: 'kserve-0.21',
  prepare: (folder, onnx, { grpc, rest }) => {
    const { folder: environment } = environmentOf(requirements);
    writeTexts(folder, { 'server.py': server });
    writeFileSync(join(folder, 'model.onnx'), onnx);
    const ports = [`--http_port=${rest}`, `--grpc_port=${grpc}`];
    return { command: join(environment, 'bin/python'), args: ['server.py', ...ports, '--workers=1'] };
  },
};
