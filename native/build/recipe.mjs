// Owns what is built, of which sources, and where it is kept.
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, relative } from 'node:path';

const nativeFolder = join(import.meta.dirname, '..');
export const sourceFolder = join(nativeFolder, 'src');

/**
 * What a build is for. `sanitizers`: as g++ calls them, such as `address,undefined`; they have a folder of their own, so
 * that nobody runs them by mistake. `isStrict`: warnings are errors.
 */
export function variantOf(args) {
  const at = args.indexOf('--sanitize');
  const sanitizers = at < 0 ? '' : (args[at + 1] ?? '');
  if (at >= 0 && !/^[a-z]+(,[a-z]+)*$/.test(sanitizers)) {
    throw new Error(
      '--sanitize takes names as g++ has them: --sanitize address,undefined or --sanitize thread',
    );
  }
  return { sanitizers, isStrict: args.includes('--strict') };
}

/** Where the server and the tests look for the binaries: copies of what the cache holds. Not in the repository. */
export function installFolder({ sanitizers }) {
  const name = sanitizers === '' ? 'native' : `native-${sanitizers.replaceAll(',', '-')}`;
  return join(nativeFolder, '../build', name);
}

/** Outside the checkout, so that a fresh clone on the same machine builds nothing. */
export function cacheFolder() {
  return join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'sluice/native');
}

/** The sources, relative to their folder; those of devices are for `media-va.node` only. */
export function sources() {
  const all = filesBelow(sourceFolder).filter((name) => name.endsWith('.cc'));
  const isDevice = (name) => name.startsWith('va/');
  return { common: all.filter((name) => !isDevice(name)), device: all.filter(isDevice) };
}

/** Everything in the repository that decides what the binaries contain. */
export function sourceHash() {
  const files = [
    ...filesBelow(sourceFolder).map((name) => join(sourceFolder, name)),
    ...['compile.mjs', 'toolchain.mjs'].map((name) => join(import.meta.dirname, name)),
  ];
  return hashOf(files.flatMap((file) => [relative(nativeFolder, file), readFileSync(file)]));
}

/** One source file with all headers: what decides its object, next to the flags. */
export function objectHash(source, flags) {
  const headers = filesBelow(sourceFolder).filter((name) => name.endsWith('.h'));
  const contents = [source, ...headers].flatMap((name) => [name, readFileSync(join(sourceFolder, name))]);
  return hashOf([...contents, ...flags]);
}

/** Of texts and bytes, in order. */
export function hashOf(parts) {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part).update('\0');
  return hash.digest('hex').slice(0, 32);
}

function filesBelow(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.(cc|h)$/.test(entry.name))
    .map((entry) => relative(folder, join(entry.parentPath ?? entry.path, entry.name)))
    .sort();
}
