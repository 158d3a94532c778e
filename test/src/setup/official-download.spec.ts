import { execFileSync, spawn } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const root = resolve(import.meta.dirname, '../../..');
const installed = join(root, 'node_modules/@tensorflow/tfjs-node-gpu');

/** A machine without python3 and g++, and a file server in the place of the download site. */
describe('the official TensorFlow download', () => {
  const folder = mkdtempSync(join(tmpdir(), 'adstocrat-official-'));
  const directory = join(folder, 'node_modules/@tensorflow/tfjs-node-gpu');
  const asked: string[] = [];
  let server: Server;
  let url = '';

  beforeAll(async () => {
    // The archives hold what this machine's own set-up made: links to its libraries, and its addon.
    const library = join(folder, 'library/lib');
    mkdirSync(library, { recursive: true });
    const real = join(realpathSync(join(installed, 'deps')), 'lib');
    for (const name of readdirSync(real)) symlinkSync(realpathSync(join(real, name)), join(library, name));
    mkdirSync(join(folder, 'addon/napi-v8'), { recursive: true });
    cpSync(join(installed, 'lib/napi-v8/tfjs_binding.node'), join(folder, 'addon/napi-v8/tfjs_binding.node'));
    execFileSync('tar', ['czf', join(folder, 'library.tar.gz'), '-C', join(folder, 'library'), 'lib']);
    execFileSync('tar', ['czf', join(folder, 'addon.tar.gz'), '-C', join(folder, 'addon'), 'napi-v8']);
    cpSync(installed, directory, {
      recursive: true,
      filter: (path) => ![join(installed, 'lib'), join(installed, 'deps'), join(installed, 'build')].includes(path),
    });
    server = createServer((request, response) => {
      asked.push(request.url ?? '');
      response.end(
        readFileSync(join(folder, request.url?.includes('libtensorflow') === true ? 'library.tar.gz' : 'addon.tar.gz')),
      );
    });
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    const { port } = server.address() as { port: number };
    url = `http://127.0.0.1:${port}/`;
  });

  afterAll(async () => {
    await new Promise((closed) => server.close(closed));
    rmSync(folder, { recursive: true, force: true });
  });

  it('stands in where python3 is missing, says so in one line, and loads', async () => {
    const bin = join(folder, 'bin');
    mkdirSync(bin);
    symlinkSync(join(root, 'node_modules/node/bin/node'), join(bin, 'node'));
    const script = join(folder, 'install.mjs');
    writeFileSync(
      script,
      `import { installTensorflow } from ${JSON.stringify(join(root, 'tools/setup/steps/native-tensorflow.mjs'))};
await installTensorflow(${JSON.stringify(directory)}, (line) => console.log(line));`,
    );
    const { code, output } = await runScript(script, {
      PATH: `${bin}:${join(root, 'node_modules/.bin')}`,
      NODE_PATH: join(root, 'node_modules'),
      TFJS_NODE_CDN_STORAGE: url,
      npm_config_tfjs_binding_binary_host_mirror: url,
      HOME: folder,
    });
    expect(output).toContain("no python3 on the path: taking the package's official TensorFlow 2.9.1 download instead");
    expect(code, output).toBe(0);
    expect(output.trim().split('\n')).toHaveLength(1);
    expect(asked.some((path) => /libtensorflow-(cpu|gpu)-linux-x86_64-2\.9\.1\.tar\.gz$/.test(path))).toBe(true);
    expect(asked.some((path) => path.includes('napi-v8'))).toBe(true);
  });
});

function runScript(
  script: string,
  environment: Record<string, string>,
): Promise<{ readonly code: number; readonly output: string }> {
  return new Promise((done) => {
    const child = spawn(process.execPath, [script], { env: environment, cwd: dirname(script) });
    let output = '';
    child.stdout.on('data', (chunk) => (output += String(chunk)));
    child.stderr.on('data', (chunk) => (output += String(chunk)));
    child.on('close', (code) => {
      done({ code: code ?? 1, output });
    });
  });
}
