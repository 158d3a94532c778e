import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ServedModel } from '@adstocrat/bench';
import { encodeOnnx, type OnnxGraph } from '@adstocrat/onnx';
import type { PeerCheck } from './peer-check.ts';
import { pythonChecks } from './python-checks.ts';

const pairs = (name: string): OnnxGraph['inputs'][number] => ({ name, type: 'int64', shape: ['N', 2] });

/** Models that know nothing of clicks: what plain_models_client.py asks. */
const graphs: Readonly<Record<string, OnnxGraph>> = {
  sum: {
    name: 'sum',
    nodes: [{ op: 'Add', inputs: ['a', 'b'], outputs: ['sum'] }],
    constants: [],
    inputs: [pairs('a'), pairs('b')],
    outputs: [pairs('sum')],
  },
  text: {
    name: 'text',
    nodes: [{ op: 'Identity', inputs: ['in'], outputs: ['out'] }],
    constants: [],
    inputs: [{ name: 'in', type: 'string', shape: ['N'] }],
    outputs: [{ name: 'out', type: 'string', shape: ['N'] }],
  },
  any: {
    name: 'any',
    nodes: [{ op: 'Neg', inputs: ['in'], outputs: ['out'] }],
    constants: [],
    inputs: [{ name: 'in', type: 'double' }],
    outputs: [{ name: 'out', type: 'double' }],
  },
};

/** tritonclient against a server that follows a folder of plain ONNX models beside its registry. */
export async function* plainModels(): AsyncIterable<PeerCheck> {
  const folder = mkdtempSync(join(tmpdir(), 'plain-models-'));
  const model = await ServedModel.open();
  try {
    for (const [name, graph] of Object.entries(graphs)) {
      mkdirSync(join(folder, name, '1'), { recursive: true });
      writeFileSync(join(folder, name, '1', 'model.onnx'), encodeOnnx(graph));
    }
    const server = await model.serve('folders', { MODEL_FOLDERS: folder });
    for (const client of ['tritonclient-2.73.0', 'tritonclient-2.44.0'])
      yield* pythonChecks(client, 'plain_models_client.py', [server.address, server.restAddress]);
  } finally {
    await model.close();
    rmSync(folder, { recursive: true, force: true });
  }
}
