import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts', 'ts/*/test/**/*.test.ts', 'demo/test/**/*.test.ts', 'scripts/test/**/*.test.mjs'],
    exclude: ['**/node_modules/**', '**/dist/**', 'target/**', '.tools/**'],
    pool: 'forks',
    // Training, browsers and the command line end to end are slow on two shared cores.
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
})
