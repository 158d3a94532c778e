import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { has, run } from '../run.mjs';
import { cacheDir, keyOf, root, SetupError } from '../step.mjs';
import { pinnedNode } from './dependencies.mjs';

/** What the tests need on top: Apache Kafka's jars, the GCS emulator and a browser. @type {import('../step.mjs').Step[]} */
export const testServers = [
  server('kafka', [
    ['java', ['-version'], 'Java 17'],
    ['mvn', ['--version'], 'Maven'],
  ]),
  server('fake-gcs', [['go', ['version'], 'Go']]),
  // What it lacks it says itself: another platform needs a browser that is there.
  server('chromium', []),
];

/**
 * @param {string} name folder under tools/ with a main.ts that knows `install`
 * @param {[string, string[], string][]} needs
 * @returns {import('../step.mjs').Step}
 */
function server(name, needs) {
  const folder = join(root, 'tools', name);
  return {
    name,
    key: () => keyOf([join(folder, 'pom.xml'), ...sources(folder)]),
    made: () => existsSync(join(cacheDir, name)),
    make: async (say) => {
      for (const [program, args, what] of needs) {
        if (!has(program, args))
          throw new SetupError(
            `the tests need ${what}: \`${program}\` is not on the path. Install it and run again. (npm start does not need it.)`,
          );
      }
      say(`installing ${name}`);
      await run(pinnedNode, ['--conditions=@adstocrat/source', join(folder, 'src/main.ts'), 'install']);
    },
  };
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
