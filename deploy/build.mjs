// Owns `npm run build`: bundles of the server, the worker and the web page under build/. It does nothing when no source
// changed since the last one, so that everything may call it first.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

const root = join(import.meta.dirname, '..');
const sources = ['schemas', 'edge', 'wasm', 'workers', 'deploy'];
const stampFile = join(root, 'build/stamp.json');

/** Bundles what changed. Resolves with `{ built, outputs }`; rejects with esbuild's message when a source is wrong. */
export async function build() {
  const stamp = sourceHash();
  const last = readStamp();
  if (last.stamp === stamp && last.outputs.every((path) => existsSync(join(root, path)))) {
    return { built: false, outputs: last.outputs };
  }
  const { build: bundle, stop } = await import('esbuild');
  const common = {
    absWorkingDir: root,
    bundle: true,
    write: false,
    sourcemap: 'linked',
    logLevel: 'silent',
    target: 'es2023',
    format: 'esm',
    legalComments: 'none',
  };
  const server = {
    ...common,
    entryPoints: {
      standalone: './deploy/programs/standalone.ts',
      'edge-node': './deploy/programs/edge-node.ts',
      'edge-deno': './deploy/programs/edge-deno.ts',
      'worker-node': './deploy/programs/worker-node.ts',
      'relay-node': './deploy/programs/relay-node.ts',
      'demo-regions': './deploy/demo/regions.ts',
      'gpu-check': './deploy/gpu-check/main.ts',
      worker: './workers/main.ts',
      'mixing-thread': './workers/mixing/thread.ts',
      'mixing-process': './workers/mixing/process.ts',
      'probe-program': './workers/devices/probe-program.ts',
    },
    outdir: 'build/server',
    platform: 'node',
    target: 'node20',
    packages: 'external',
    loader: { '.lua': 'text' },
  };
  const web = {
    ...common,
    entryPoints: { app: './edge/web/app/main.tsx', 'api/page': './edge/web/api/main.tsx' },
    outdir: 'build/web',
    platform: 'browser',
    target: ['chrome100', 'firefox104', 'safari16'],
    jsx: 'automatic',
    jsxImportSource: 'preact',
    minify: true,
    define: { 'process.env.NODE_ENV': '"production"' },
  };
  const results = await Promise.all([bundle(server), bundle(web)]);
  // Its process would live as long as ours.
  await stop();
  const files = results.flatMap(({ outputFiles }) => outputFiles);
  for (const path of filesBelow('edge/web')) {
    const name = /^edge\/web\/(?:app\/(?:public\/(.+)|(index\.html))|(api\/index\.html))$/.exec(path);
    if (!name) continue;
    files.push({
      path: join(root, 'build/web', name[1] ?? name[2] ?? name[3]),
      contents: readFileSync(join(root, path)),
    });
  }
  for (const { path, contents } of files) writeWhole(path, contents);
  const outputs = files.map(({ path }) => relative(root, path));
  writeWhole(stampFile, JSON.stringify({ stamp, outputs }));
  return { built: true, outputs };
}

/** Others may start from build/ at this moment: a file there is the old or the new one, never half of one. */
function writeWhole(path, contents) {
  mkdirSync(dirname(path), { recursive: true });
  const part = `${path}.${process.pid}.part`;
  writeFileSync(part, contents);
  renameSync(part, path);
}

function sourceHash() {
  const hash = createHash('sha256');
  for (const path of ['package-lock.json', ...sources.flatMap(filesBelow)]) {
    if (/(\.test\.tsx?|\.md)$/.test(path)) continue;
    hash
      .update(path)
      .update('\0')
      .update(readFileSync(join(root, path)))
      .update('\0');
  }
  return hash.digest('hex');
}

/** Paths relative to the root, sorted; none when the folder is not there. */
function filesBelow(folder) {
  if (!existsSync(join(root, folder))) return [];
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(root, join(entry.parentPath ?? entry.path, entry.name)))
    .sort();
}

function readStamp() {
  try {
    return JSON.parse(readFileSync(stampFile, 'utf8'));
  } catch {
    return { stamp: '', outputs: [] };
  }
}

if (process.argv[1] === import.meta.filename) {
  const began = Date.now();
  try {
    const { built, outputs } = await build();
    const what = built ? `${outputs.length} files in build/` : 'nothing changed';
    console.log(`build: ${what} (${Date.now() - began} ms)`);
  } catch (error) {
    console.error(`build: failed\n${error instanceof Error ? error.message : error}`);
    process.exitCode = 1;
  }
}
