// Owns how tests against a running server go: one file after the other, since each has the machine's cores to itself.
import { defineConfig } from 'vitest/config';
import { lua } from './vitest.config.ts';

export default defineConfig({
  plugins: [lua],
  test: {
    include: ['test/e2e/**/*.e2e.ts', 'test/chaos/**/*.chaos.ts'],
    fileParallelism: false,
    maxWorkers: 1,
    testTimeout: 180_000,
    hookTimeout: 120_000,
    teardownTimeout: 20_000,
    // One engine whatever the machine has: what is measured to be faster may change from run to run. Tests of engines name theirs.
    env: { SLUICE_MEDIA_ENGINES: process.env.SLUICE_MEDIA_ENGINES ?? 'wasm' },
  },
});
