// Sets up what is missing, in order, and nothing twice. Runs on any Node.js from 20 on.
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { dependencies, trustedScripts } from './steps/dependencies.mjs';
import { nativeTensorflow } from './steps/native-tensorflow.mjs';
import { testServers } from './steps/test-servers.mjs';
import { cacheDir, isDone, markDone, SetupError } from './step.mjs';

/** @param {{tests?: boolean}} [options] with `tests`, also the servers that only tests start */
export async function setUp(options = {}) {
  if (Number(process.versions.node.split('.')[0]) < 20) {
    throw new SetupError(
      `Node.js ${process.versions.node} is too old: 20 or newer starts the set-up, which then brings its own 24.`,
    );
  }
  const steps = [dependencies, trustedScripts, nativeTensorflow, ...(options.tests === true ? testServers : [])];
  if (steps.every(isDone)) return;
  const release = await lock();
  try {
    let made = false;
    for (const [index, step] of steps.entries()) {
      // A step is made again once one before it was: npm ci empties node_modules.
      if (!(made && step !== dependencies && !testServers.includes(step)) && isDone(step)) continue;
      const say = (/** @type {string} */ line) => console.error(`set-up ${index + 1}/${steps.length}  ${line}`);
      const startedAt = Date.now();
      say(step.name);
      await step.make(say);
      if (!step.made()) throw new SetupError(`${step.name} ended without an error but left nothing behind`);
      markDone(step);
      made = made || step === dependencies;
      say(`${step.name}: done in ${((Date.now() - startedAt) / 1000).toFixed(0)} s`);
    }
  } finally {
    release();
  }
}

/** One set-up at a time in one folder: a second one waits, then finds everything done. */
async function lock() {
  const file = join(cacheDir, 'setup.lock');
  mkdirSync(cacheDir, { recursive: true });
  for (let waited = false; ; waited = true) {
    try {
      writeFileSync(file, String(process.pid), { flag: 'wx' });
      return () => rmSync(file, { force: true });
    } catch (error) {
      if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'EEXIST') throw error;
    }
    const owner = existsSync(file) ? Number(readFileSync(file, 'utf8')) : 0;
    if (owner > 0 && !isAlive(owner)) {
      rmSync(file, { force: true });
      continue;
    }
    if (!waited) console.error(`set-up: another one runs in this folder (process ${owner}), waiting for it`);
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}

/** @param {number} pid */
function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return /** @type {NodeJS.ErrnoException} */ (error).code === 'EPERM';
  }
}

/** Runs `main` after the set-up; a SetupError ends the process with its message alone. @param {() => Promise<void>} main */
export async function afterSetUp(main, options = {}) {
  try {
    await setUp(options);
    await main();
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    console.error(`set-up failed: ${error.message}`);
    process.exitCode = 1;
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  await afterSetUp(async () => console.error('set-up: nothing is missing'), {
    tests: process.argv.includes('--tests'),
  });
}
