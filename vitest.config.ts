import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['{schemas,edge,wasm,workers,deploy,test}/**/*.test.ts'],
    exclude: ['**/node_modules/**', 'test/{e2e,chaos,bench,soak}/**'],
    testTimeout: 15_000,
  },
});
