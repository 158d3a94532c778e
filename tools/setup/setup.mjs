// Sets up what is missing, in order, and nothing twice. Runs on any Node.js from 20 on.
import { linkSync, mkdirSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
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

/** Who sets up touches the lock this often; one that was not touched for the second time is nobody's. */
const touchMs = 2000;
const staleMs = 60_000;

/**
 * One set-up at a time in one folder: a second one waits, then finds everything done. A process id would tell nothing where every
 * start is process 2, and Node.js 20 has no lock that ends with its process.
 */
async function lock() {
  const file = join(cacheDir, 'setup.lock');
  mkdirSync(cacheDir, { recursive: true });
  for (let waited = false; ; waited = true) {
    try {
      writeFileSync(file, '', { flag: 'wx' });
      const touching = setInterval(() => utimesSync(file, new Date(), new Date()), touchMs);
      touching.unref();
      return () => {
        clearInterval(touching);
        rmSync(file, { force: true });
      };
    } catch (error) {
      if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'EEXIST') throw error;
    }
    if (isStale(file)) {
      takeAway(file);
      continue;
    }
    if (!waited) console.error('set-up: another one runs in this folder, waiting for it');
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}

/** @param {string} file */
function isStale(file) {
  const touched = statSync(file, { throwIfNoEntry: false })?.mtimeMs;
  return touched !== undefined && Date.now() - touched > staleMs;
}

/** Another may have been quicker, and its lock be there by now: that one is put back. @param {string} file */
function takeAway(file) {
  const aside = `${file}.${process.pid}`;
  try {
    renameSync(file, aside);
    if (!isStale(aside)) linkSync(aside, file);
  } catch (error) {
    if (!['ENOENT', 'EEXIST'].includes(/** @type {NodeJS.ErrnoException} */ (error).code ?? '')) throw error;
  }
  rmSync(aside, { force: true });
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
