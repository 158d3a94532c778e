import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { has, run } from '../run.mjs';
import { cacheDir, keyOf, root, SetupError } from '../step.mjs';
import { pinnedNode } from './dependencies.mjs';

/** Sail's own is an environment of Python, with pip of the one that is there, which knows --python from 22.3 on: numpy and pandas want 3.11. */
const python = [
  '-c',
  String.raw`import pip, re, sys, venv
assert sys.version_info >= (3, 11)
assert tuple(map(int, re.match(r"(\d+)\.(\d+)", pip.__version__).groups())) >= (22, 3)`,
];

const peers = join(cacheDir, 'peers');

/** What the tests need on top: Apache Kafka's jars, the GCS emulator, a browser and Sail. @type {import('../step.mjs').Step[]} */
export const testServers = [
  server('kafka', {
    needs: [
      ['java', ['-version'], 'Java 17'],
      ['mvn', ['--version'], 'Maven'],
    ],
  }),
  server('fake-gcs', { needs: [['go', ['version'], 'Go']] }),
  // What it lacks it says itself: another platform needs a browser that is there.
  server('chromium'),
  server('spark', {
    needs: [['python3', python, 'Python 3.11 or newer, with pip 22.3 or newer and venv']],
    what: 'Sail for tools/spark (145 MiB from PyPI)',
    pins: ['tools/spark/python/sail-0.7.2.txt', 'tools/python-environments/src/python-environment.ts'],
    made: () =>
      existsSync(peers) && readdirSync(peers).some((one) => one.startsWith('sail-') && isWhole(join(peers, one))),
    onFail: 'Is a Python package index reachable? Run it again: it starts over.',
  }),
];

/**
 * @typedef {object} Server
 * @property {[string, string[], string][]} [needs]  programs, and what they show is there
 * @property {string} [what]  what is installed, where that is not its name
 * @property {string[]} [pins]  files beside its sources that say what is installed
 * @property {() => boolean} [made]
 * @property {string} [onFail]
 */

/**
 * @param {string} name folder under tools/ with a main.ts that knows `install`
 * @param {Server} [server]
 * @returns {import('../step.mjs').Step}
 */
function server(name, { needs = [], what = name, pins = [`tools/${name}/pom.xml`], made, onFail } = {}) {
  const folder = join(root, 'tools', name);
  return {
    name,
    key: () => keyOf([...pins.map((pin) => join(root, pin)), ...sources(folder)]),
    made: made ?? (() => existsSync(join(cacheDir, name))),
    make: async (say) => {
      for (const [program, args, missing] of needs) {
        if (!has(program, args))
          throw new SetupError(
            `the tests need ${missing}: \`${program}\` is not on the path, or not that. Install it and run again. (npm start does not need it.)`,
          );
      }
      say(`installing ${what}`);
      await run(pinnedNode, ['--conditions=@adstocrat/source', join(folder, 'src/main.ts'), 'install'], {
        onLine: (line) => line.trimStart().startsWith('Downloading') && say(line.trim()),
        ...(onFail === undefined ? {} : { onFail }),
      });
    },
  };
}

/** An environment that was filled, for the Python that its link leads to now, as tools/python-environments asks. @param {string} folder */
function isWhole(folder) {
  const complete = join(folder, 'complete');
  if (!existsSync(complete)) return false;
  const version = ['-c', 'import sys; print("%d.%d" % sys.version_info[:2], end="")'];
  const { status, stdout } = spawnSync(join(folder, 'bin/python'), version, { encoding: 'utf8' });
  return status === 0 && stdout === readFileSync(complete, 'utf8');
}

/** @param {string} folder */
function sources(folder) {
  const src = join(folder, 'src');
  return existsSync(src)
    ? readdirSync(src)
        .sort()
        .map((file) => join(src, file))
    : [];
}
