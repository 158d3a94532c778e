import { existsSync, mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { cacheDir, keyOf, root } from '../step.mjs';
import { has, run } from '../run.mjs';
import { pinnedNode } from './dependencies.mjs';
import { extractWheel, fetchTensorflow } from './fetch-tensorflow.mjs';
import { tensorflowBuild, tensorflowVersion } from './tensorflow-builds.mjs';

const napi = 8;

const packageDir = join(root, 'node_modules/@tensorflow/tfjs-node-gpu');
const compiler = process.env['CXX'] ?? 'g++';

/**
 * The TensorFlow runtime behind @tensorflow/tfjs-node-gpu. Default: its addon compiled against the library in TensorFlow's wheel, for
 * GPUs where there is a driver, whose sha256 is pinned. Without python3, pip or a compiler, or on another platform than linux-x64: the
 * package's own download (libtensorflow 2.9.1).
 * @type {import('../step.mjs').Step}
 */
export const nativeTensorflow = {
  name: 'native TensorFlow',
  key: () => keyOf([join(root, 'package-lock.json'), extractWheel], [JSON.stringify(tensorflowBuild())]),
  made: () =>
    existsSync(join(packageDir, `lib/napi-v${napi}/tfjs_binding.node`)) && existsSync(join(packageDir, 'deps/lib')),
  make: (say) => installTensorflow(packageDir, say),
};

/**
 * @param {string} directory folder of the package @tensorflow/tfjs-node-gpu
 * @param {(line: string) => void} say
 */
export async function installTensorflow(directory, say) {
  const missing = whyNotBuilt();
  if (missing === undefined) {
    const build = tensorflowBuild();
    const library = join(cacheDir, `libtensorflow-${tensorflowVersion}${build.name === 'gpu' ? '-gpu' : ''}`);
    await fetchTensorflow(build, library, say);
    await compile(directory, library, say);
  } else {
    say(`${missing}: taking the package's official TensorFlow 2.9.1 download instead`);
    await officialDownload(directory);
  }
  await prove(directory);
}

/** What keeps us from building, in words; undefined where nothing does. */
function whyNotBuilt() {
  if (process.platform !== 'linux' || process.arch !== 'x64')
    return `no pinned wheel for ${process.platform}-${process.arch}`;
  if (!has('python3')) return 'no python3 on the path';
  if (!has('python3', ['-m', 'pip', '--version'])) return 'python3 has no pip';
  if (!has(compiler)) return `no ${compiler} on the path`;
  return undefined;
}

/** @param {string} packageDir @param {string} library @param {(line: string) => void} say */
async function compile(packageDir, library, say) {
  say('compiling the TensorFlow addon');
  rmSync(join(packageDir, 'deps'), { recursive: true, force: true });
  symlinkSync(library, join(packageDir, 'deps'));
  const out = join(packageDir, `lib/napi-v${napi}`);
  mkdirSync(out, { recursive: true });
  await run(
    compiler,
    [
      ...['-std=c++17', '-O2', '-fPIC', '-shared', '-fno-exceptions'],
      ...[`-DNAPI_VERSION=${napi}`, '-DNODE_GYP_MODULE_NAME=tfjs_binding', '-DBUILDING_NODE_EXTENSION'],
      ...['-I', join(root, 'node_modules/node-api-headers/include'), '-I..', '-Ideps/include'],
      ...['binding/tfjs_backend.cc', 'binding/tfjs_binding.cc'],
      ...[
        '-Ldeps/lib',
        '-Wl,-rpath,$ORIGIN/../../deps/lib',
        '-l:libtensorflow_cc.so.2',
        '-l:libtensorflow_framework.so.2',
      ],
      ...['-o', join(out, 'tfjs_binding.node')],
    ],
    { cwd: packageDir },
  );
}

/**
 * The package's own install script, which downloads libtensorflow and the compiled addon.
 * `TFJS_NODE_CDN_STORAGE` and `npm_config_tfjs_binding_binary_host_mirror` name another place, as the package documents.
 * @param {string} directory the package's folder
 */
async function officialDownload(directory) {
  const flavour = process.platform === 'linux' && has('nvidia-smi') ? 'gpu' : 'cpu';
  rmSync(join(directory, 'deps'), { recursive: true, force: true });
  await run(existsSync(pinnedNode) ? pinnedNode : process.execPath, ['scripts/install.js', flavour, 'download'], {
    cwd: directory,
    env: { PATH: `${join(root, 'node_modules/.bin')}:${process.env['PATH'] ?? ''}` },
    onFail:
      'Behind a firewall, install python3 with pip and g++ and run it again: TensorFlow is then built from the Python package index.',
  });
}

/** @param {string} directory Loads it once, so that a broken library shows here and not in the middle of a training run. */
async function prove(directory) {
  const load = join(root, 'tools/setup/steps/load-tensorflow.cjs');
  await run(pinnedNode, [load, directory], {
    env: { TF_CPP_MIN_LOG_LEVEL: '3', TF_FORCE_GPU_ALLOW_GROWTH: 'true' },
    onFail: 'The TensorFlow library was installed but does not load.',
  });
}
