import { defineConfig } from 'vitest/config';

/** A Lua file is its text, as in the bundles. */
export const lua = {
  name: 'lua',
  transform: (code: string, id: string) =>
    id.endsWith('.lua') ? `export default ${JSON.stringify(code)};` : undefined,
};

export default defineConfig({
  plugins: [lua],
  test: {
    include: ['{schemas,edge,wasm,native,workers,deploy,test}/**/*.test.ts'],
    exclude: ['**/node_modules/**', 'test/{e2e,bench}/**'],
    // By default one core is kept free, which on two of them is half the machine.
    maxWorkers: '100%',
    testTimeout: 15_000,
    hookTimeout: 60_000,
  },
});
