import {
  createReadStream,
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { cacheDir, keyOf, root, SetupError } from '../step.mjs';
import { has, run } from '../run.mjs';
import { pinnedNode } from './dependencies.mjs';

const version = '2.21.0';
/** sha256 of the wheel on the Python package index, from its own file list. */
const wheelSha256 = '2b847d217b02ee7731ed91431daf3250daa0196c3c94614d23be27232e6e5b6c';
const napi = 8;

const packageDir = join(root, 'node_modules/@tensorflow/tfjs-node-gpu');
const library = join(cacheDir, `libtensorflow-${version}`);
const pythonScript = join(root, 'tools/setup/steps/extract-wheel.py');
const compiler = process.env['CXX'] ?? 'g++';

/**
 * The TensorFlow runtime behind @tensorflow/tfjs-node-gpu. Default: its addon compiled against the library in the
 * tensorflow-cpu wheel, whose sha256 is pinned. Without python3, pip or a compiler, or on another platform than
 * linux-x64: the package's own download (libtensorflow 2.9.1).
 * @type {import('../step.mjs').Step}
 */
export const nativeTensorflow = {
  name: 'native TensorFlow',
  key: () => keyOf([join(root, 'package-lock.json'), pythonScript], [version, wheelSha256]),
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
    await fetchLibrary(say);
    await compile(directory, say);
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

/** @param {(line: string) => void} say */
async function fetchLibrary(say) {
  if (existsSync(join(library, 'complete'))) return;
  const temporary = `${library}.part`;
  rmSync(temporary, { recursive: true, force: true });
  mkdirSync(join(temporary, 'wheel'), { recursive: true });
  say(`downloading TensorFlow ${version} (261 MiB)`);
  await run(
    'python3',
    [
      ...['-m', 'pip', 'download', '--quiet', '--disable-pip-version-check', '--no-deps', '--only-binary=:all:'],
      ...['--implementation', 'cp', '--python-version', '3.11', '--abi', 'cp311'],
      ...['--platform', 'manylinux_2_27_x86_64', '--dest', join(temporary, 'wheel'), `tensorflow-cpu==${version}`],
    ],
    { onFail: 'Is a Python package index reachable? Run it again: it starts over.' },
  );
  const wheel = join(temporary, 'wheel', readdirSync(join(temporary, 'wheel'))[0] ?? '');
  const seen = await sha256(wheel);
  if (seen !== wheelSha256) {
    rmSync(temporary, { recursive: true, force: true });
    throw new SetupError(
      `the TensorFlow wheel that was downloaded is not the pinned one: sha256 ${seen}, expected ${wheelSha256}. Check the package index in use.`,
    );
  }
  say('unpacking TensorFlow');
  await run('python3', [pythonScript, wheel, temporary]);
  rmSync(join(temporary, 'wheel'), { recursive: true });
  writeFileSync(join(temporary, 'complete'), '');
  rmSync(library, { recursive: true, force: true });
  renameSync(temporary, library);
}

/** @param {string} packageDir @param {(line: string) => void} say */
async function compile(packageDir, say) {
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
    env: { TF_CPP_MIN_LOG_LEVEL: '3' },
    onFail: 'The TensorFlow library was installed but does not load.',
  });
}

/** @param {string} file */
async function sha256(file) {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file)) hash.update(chunk);
  return hash.digest('hex');
}
