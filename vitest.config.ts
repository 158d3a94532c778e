import { defaultServerConditions } from 'vite';
import { defineConfig } from 'vitest/config';

const resolve = { conditions: ['@adstocrat/source', ...defaultServerConditions] };

export default defineConfig({
  ssr: { resolve },
  // What vitest loads by itself, the global setup, is resolved in an environment of its own: no build is needed before the specs.
  environments: { __vitest__: { resolve } },
  test: {
    environment: 'node',
    globalSetup: ['test/global-setup.ts'],
    include: ['**/*.spec.ts'],
    exclude: ['**/node_modules/**', '**/dist/**', '**/.cache/**'],
    pool: 'forks',
    maxWorkers: 2,
    // Processes that specs start, and what vitest leaves to Node, find the sources as the specs do.
    execArgv: ['--conditions=@adstocrat/source', '--disable-warning=ExperimentalWarning'],
    // A bound against what hangs, not a measure: specs share two cores with whatever else the machine does.
    testTimeout: 600_000,
    hookTimeout: 600_000,
  },
});
