import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { PeerProgram } from './peer-server.ts';

const main = resolve(import.meta.dirname, '../../../../apps/serving/src/main.ts');

/** Our own server with the same file in a folder of models: no database, no bus, no features. */
export const adstocrat: PeerProgram = {
  name: 'adstocrat',
  prepare: (folder, onnx, { grpc, rest }) => {
    const version = join(folder, 'models/mlp/1');
    mkdirSync(version, { recursive: true });
    writeFileSync(join(version, 'model.onnx'), onnx);
    return {
      command: process.execPath,
      args: ['--max-semi-space-size=16', '--conditions=@adstocrat/source', main],
      env: {
        MODEL_FOLDERS: join(folder, 'models'),
        WORK_DIR: join(folder, 'work'),
        GRPC_PORT: String(grpc),
        REST_PORT: String(rest),
      },
    };
  },
};
