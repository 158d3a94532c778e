import { defaultServerConditions } from 'vite';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  ssr: { resolve: { conditions: ['@adstocrat/source', ...defaultServerConditions] } },
  test: {
    environment: 'node',
    globalSetup: ['test/global-setup.ts'],
    include: ['**/*.spec.ts'],
    exclude: ['**/node_modules/**', '**/dist/**', '**/.cache/**'],
    pool: 'forks',
    maxWorkers: 2,
    // Processes that specs start, and what vitest leaves to Node, find the sources as the specs do.
    execArgv: ['--conditions=@adstocrat/source', '--disable-warning=ExperimentalWarning'],
    testTimeout: 30_000,
    hookTimeout: 120_000,
  },
});
