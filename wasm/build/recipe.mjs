// Owns what is built and where it is kept: the recipe, the hash that names a build, and the folders of the cache.
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, relative } from 'node:path';

/** The `wasm` folder of this checkout. */
export const wasmFolder = join(import.meta.dirname, '..');

/** Where the server and the tests look for the modules: copies of what the cache holds. Not in the repository. */
export const installFolder = join(wasmFolder, '../build/wasm');

export const recipe = JSON.parse(readFileSync(join(wasmFolder, 'recipe.json'), 'utf8'));

/** The names of the modules that a build gives. */
export const modules = ['video', 'audio', 'kernels-plain', 'kernels-simd'];

/** What decides the third-party libraries alone, so that a changed kernel does not compile all of them again. */
const ofLibraries = [
  'recipe.json',
  ...['sources', 'toolchain', 'libraries'].map((name) => `build/${name}.mjs`),
  'shim',
];
export const librariesHash = () => hashOf(ofLibraries);

/** Everything that decides what the modules contain; also the name of a build in the cache. */
export const buildHash = () => hashOf([...ofLibraries, 'imports.json', 'build/link.mjs', 'glue', 'kernels']);

/** Outside the checkout, so that a fresh clone on the same machine builds nothing. */
export function cacheFolder() {
  return join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'sluice/wasm');
}

function hashOf(paths) {
  const hash = createHash('sha256');
  for (const file of paths.flatMap(filesAt)) {
    hash
      .update(`${relative(wasmFolder, file)}\0`)
      .update(readFileSync(file))
      .update('\0');
  }
  return hash.digest('hex').slice(0, 32);
}

function filesAt(path) {
  const full = join(wasmFolder, path);
  if (/\.\w+$/.test(path)) return [full];
  return readdirSync(full, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.endsWith('.md'))
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
    .sort();
}
