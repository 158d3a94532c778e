import { readFileSync } from 'node:fs';
import { mergeConfig } from 'vite';
import root from '../../../../vitest.config.ts';

/** What is run: one change of one file, or none. @type {{file: string, start: number, end: number, to: string} | null} */
const mutant = JSON.parse(process.env['MUTANT'] ?? 'null');

/** @type {import('vite').Plugin} */
const mutated = {
  name: 'mutant',
  enforce: 'pre',
  load(id) {
    if (mutant === null || id.split('?')[0] !== mutant.file) return null;
    const text = readFileSync(mutant.file, 'utf8');
    return text.slice(0, mutant.start) + mutant.to + text.slice(mutant.end);
  },
};

const config = mergeConfig(root, { plugins: [mutated] });
// No server is needed, and a change that makes a loop endless is noticed soon. What vitest keeps of a module on disk knows of no change.
const changed = { globalSetup: [], testTimeout: 30_000, hookTimeout: 30_000, maxWorkers: 1, fsModuleCache: false };
Object.assign(config.test, changed);

export default config;
