// Owns `npm run build:wasm`: fetches the pinned sources, compiles them, and puts the modules into the cache and into
// build/wasm. Free when the cache has this recipe. `--check` builds twice in different folders and compares the bytes;
// `--native-check` compares what the modules and the native libraries produce; `--is-current` only answers, as exit code.
import { createHash } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { buildLibraries } from './libraries.mjs';
import { linkModules } from './link.mjs';
import { withLock } from './lock.mjs';
import { buildHash, cacheFolder, installFolder, librariesHash, modules, wasmFolder } from './recipe.mjs';
import { run, step } from './run.mjs';
import { fetchSources } from './sources.mjs';
import { requireToolchain } from './toolchain.mjs';

/** True when build/wasm holds the modules of this very recipe. */
function isCurrent() {
  try {
    const { hash, sha256 } = JSON.parse(readFileSync(join(installFolder, 'manifest.json'), 'utf8'));
    return (
      hash === buildHash() && modules.every((name) => digest(fileIn(installFolder, name)) === sha256[name])
    );
  } catch {
    return false;
  }
}

/** Makes build/wasm current, from the cache when that has this recipe. Rejects with what to do when it cannot. */
async function buildWasm() {
  const hash = buildHash();
  const cached = join(cacheFolder(), hash);
  if (!existsSync(join(cached, 'manifest.json'))) {
    mkdirSync(cacheFolder(), { recursive: true });
    await withLock(join(cacheFolder(), 'lock'), () => fillCache(cached, hash));
  }
  install(cached);
}

async function fillCache(cached, hash) {
  // Who held the lock before us may have built it.
  if (existsSync(join(cached, 'manifest.json'))) return;
  await requireToolchain();
  await fetchSources();
  const libraries = join(cacheFolder(), 'libraries', librariesHash());
  const part = `${cached}.${process.pid}.part`;
  try {
    await buildModules({ libraries, part });
    writeManifest(part, hash);
    rmSync(cached, { recursive: true, force: true });
    renameSync(part, cached);
  } finally {
    rmSync(part, { recursive: true, force: true });
  }
  forgetLibrariesBut(libraries);
}

async function buildModules({ libraries, part }) {
  await buildLibraries(libraries);
  await linkModules({ libraries, scratch: `${part}/scratch`, out: part });
  rmSync(`${part}/scratch`, { recursive: true });
}

function writeManifest(folder, hash) {
  const sha256 = Object.fromEntries(modules.map((name) => [name, digest(fileIn(folder, name))]));
  writeFileSync(join(folder, 'manifest.json'), `${JSON.stringify({ hash, sha256 }, undefined, 2)}\n`);
}

/** The manifest goes last: who sees it sees whole modules. */
function install(cached) {
  mkdirSync(installFolder, { recursive: true });
  for (const name of [...modules.map((module) => `${module}.wasm`), 'manifest.json']) {
    const part = join(installFolder, `${name}.${process.pid}.part`);
    copyFileSync(join(cached, name), part);
    renameSync(part, join(installFolder, name));
  }
}

function forgetLibrariesBut(kept) {
  const folder = dirname(kept);
  for (const name of readdirSync(folder).filter((entry) => entry !== basename(kept))) {
    rmSync(join(folder, name), { recursive: true, force: true });
  }
}

/** Builds everything once more in a folder of another name and compares it with what is installed. */
async function checkReproducible() {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-wasm-check-'));
  try {
    await fetchSources();
    await buildModules({ libraries: join(folder, 'libraries'), part: join(folder, 'out') });
    const different = modules.filter(
      (name) => digest(fileIn(join(folder, 'out'), name)) !== digest(fileIn(installFolder, name)),
    );
    if (different.length > 0) throw new Error(`a second build gave other bytes: ${different.join(', ')}`);
    console.log('  ok   a second build in another folder gave the same bytes');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Builds the native libraries and compares what they make of the test clips with what the modules make. */
async function compareWithNative() {
  const vitest = join(wasmFolder, '../node_modules/.bin/vitest');
  const tests = ['native', 'h264', 'vpx'].map((name) => `wasm/${name}.test.ts`);
  await step('compare with the native libraries', () =>
    run(vitest, ['run', ...tests], { cwd: join(wasmFolder, '..'), env: { SLUICE_NATIVE_CHECK: '1' } }),
  );
}

const fileIn = (folder, name) => join(folder, `${name}.wasm`);
const digest = (path) => createHash('sha256').update(readFileSync(path)).digest('hex');

if (process.argv.includes('--is-current')) process.exitCode = isCurrent() ? 0 : 1;
else {
  const began = Date.now();
  try {
    if (isCurrent()) console.log('build:wasm: nothing changed');
    else await buildWasm();
    if (process.argv.includes('--check')) await checkReproducible();
    if (process.argv.includes('--native-check')) await compareWithNative();
    const size = (name) =>
      `${name} ${Math.round(readFileSync(fileIn(installFolder, name)).length / 1024)} KB`;
    console.log(`build:wasm: ${modules.map(size).join(', ')} (${Math.round((Date.now() - began) / 1000)} s)`);
  } catch (error) {
    console.error(`build:wasm: ${error instanceof Error ? error.message : error}`);
    process.exitCode = 1;
  }
}
