import { defineConfig } from 'vitest/config';

export default defineConfig({
  resolve: { conditions: ['@adstocrat/source'] },
  ssr: { resolve: { conditions: ['@adstocrat/source', 'node', 'import', 'default'], externalConditions: ['@adstocrat/source', 'node', 'import', 'default'] } },
  test: {
    environment: 'node',
    include: ['**/*.spec.ts'],
    exclude: ['**/node_modules/**', '**/dist/**'],
    pool: 'forks',
    testTimeout: 30_000,
    hookTimeout: 120_000,
  },
});
