// Owns making one program of a TypeScript entry: `node deploy/bundle.mjs FILE.ts PROGRAM.mjs`. The program finds packages
// from where it lies, so that is below the repository's root. The bundles that are shipped are build.mjs's.
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');

/** `entry` is relative to the root. Rejects after telling what is wrong with the source. */
export async function bundle(entry, outfile) {
  const { build, stop } = await import('esbuild');
  try {
    await build({
      absWorkingDir: root,
      entryPoints: [`./${entry}`],
      outfile,
      bundle: true,
      packages: 'external',
      loader: { '.lua': 'text' },
      platform: 'node',
      target: 'node20',
      format: 'esm',
      sourcemap: 'inline',
      logLevel: 'error',
    });
  } finally {
    // Its process would live as long as ours.
    await stop();
  }
}

if (process.argv[1] === import.meta.filename) {
  const [entry, outfile] = process.argv.slice(2);
  await bundle(entry, outfile).catch(() => {
    process.exitCode = 1;
  });
}
