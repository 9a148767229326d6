import { configDefaults, defineConfig } from 'vitest/config';

/** A Lua file is its text, as in the bundles. */
export const lua = {
  name: 'lua',
  transform: (code: string, id: string) =>
    id.endsWith('.lua') ? `export default ${JSON.stringify(code)};` : undefined,
};

/** Code that keeps nothing outside of what a test makes: its files share processes, which start and load it once. */
const shared = [
  'schemas/**/*.test.ts',
  'edge/{client,cluster,jobs,management,metrics,portal,rooms,tokens,web}/**/*.test.ts',
  'workers/{frames,rtp}/**/*.test.ts',
];

export default defineConfig({
  plugins: [lua],
  test: {
    // By default one core is kept free, which on two of them is half the machine.
    maxWorkers: '100%',
    testTimeout: 15_000,
    hookTimeout: 60_000,
    projects: [
      {
        extends: true,
        test: {
          name: 'own process',
          include: ['{schemas,edge,wasm,native,workers,deploy,test}/**/*.test.ts'],
          exclude: [...configDefaults.exclude, 'test/{e2e,bench}/**', ...shared],
        },
      },
      { extends: true, test: { name: 'shared process', include: shared, isolate: false } },
    ],
  },
});
