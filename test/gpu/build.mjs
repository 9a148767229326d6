// Owns building the test driver and the DRM shim into build/test-gpu. Free when the cache has this recipe; `--is-current`
// only answers, as exit code. Plain Node without dependencies.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { homedir } from 'node:os';
import { basename, join } from 'node:path';
import { withLock } from '../../wasm/build/lock.mjs';
import { inParallel, run, step } from '../../wasm/build/run.mjs';

const sources = join(import.meta.dirname, 'driver');
const checks = join(import.meta.dirname, 'checks');
const shim = join(import.meta.dirname, 'drm-shim.c');
const installFolder = join(import.meta.dirname, '../../build/test-gpu');
/** libva finds a driver by its name: LIBVA_DRIVER_NAME=sluicetest. */
const programs = ['compose', 'misuse', 'encode', 'references'];
const products = ['sluicetest_drv_video.so', 'drm-shim.so', ...programs.map((name) => `check-${name}`)];
const packages = [
  'g++',
  'pkg-config',
  'libavcodec-dev',
  'libavutil-dev',
  'libva-dev',
  'libdrm-dev',
  'libyuv-dev',
];
const libraries = ['libavcodec', 'libavutil', 'libva', 'libva-drm', 'libdrm'];
/** The work is that of libraries: what is gained by optimising more is less than what it takes. */
const compileFlags = ['-O1', '-g1', '-fPIC', '-Wall', '-Wextra'];

const cacheFolder = () => join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'sluice/test-gpu');

/** Names of what is missing on this machine; empty when it can build. */
function missing() {
  const ask = (command, args) => spawnSync(command, args, { encoding: 'utf8' });
  const lacking = [];
  if (ask('g++', ['--version']).status !== 0) lacking.push('g++');
  if (ask('pkg-config', ['--version']).status !== 0) lacking.push('pkg-config');
  else
    for (const name of libraries) if (ask('pkg-config', ['--exists', name]).status !== 0) lacking.push(name);
  if (!['/usr/include', '/usr/local/include'].some((folder) => existsSync(join(folder, 'libyuv.h'))))
    lacking.push('libyuv');
  return lacking;
}

const below = (folder) =>
  readdirSync(folder)
    .sort()
    .map((name) => join(folder, name));

function hashOf(files, words = '') {
  const hash = createHash('sha256').update(`${words}\0`);
  for (const file of files)
    hash
      .update(`${basename(file)}\0`)
      .update(readFileSync(file))
      .update('\0');
  return hash.digest('hex').slice(0, 32);
}

/** Versions of what is compiled with and against. */
function versions() {
  const { stdout } = spawnSync('pkg-config', ['--modversion', ...libraries], { encoding: 'utf8' });
  return stdout + spawnSync('g++', ['-dumpfullversion'], { encoding: 'utf8' }).stdout;
}

/** Everything that decides what is built; also the name of a build in the cache. */
const buildHash = () => hashOf([import.meta.filename, shim, ...below(sources), ...below(checks)], versions());

function isCurrent(hash) {
  try {
    return (
      readFileSync(join(installFolder, 'recipe'), 'utf8') === hash &&
      products.every((name) => existsSync(join(installFolder, name)))
    );
  } catch {
    return false;
  }
}

async function fillCache(folder) {
  // Who held the lock before us may have built it.
  if (existsSync(folder)) return;
  const part = `${folder}.${process.pid}.part`;
  rmSync(part, { recursive: true, force: true });
  mkdirSync(part, { recursive: true });
  try {
    await step('build the test driver for VA-API', (report) => compile(part, report));
    renameSync(part, folder);
    forgetBut(cacheFolder(), [basename(folder), 'objects', 'lock']);
  } finally {
    rmSync(part, { recursive: true, force: true });
  }
}

/** Old builds go: nobody comes back to them. */
function forgetBut(folder, kept) {
  for (const name of readdirSync(folder))
    if (!kept.includes(name)) rmSync(join(folder, name), { recursive: true, force: true });
}

/** Objects are kept by what goes into them, so that a changed file does not compile the others again. */
async function compile(part, report) {
  const include = (await run('pkg-config', ['--cflags', ...libraries])).trim().split(/\s+/).filter(Boolean);
  const link = (await run('pkg-config', ['--libs', 'libavcodec', 'libavutil'])).trim().split(/\s+/);
  const flags = ['-std=c++20', '-fvisibility=hidden', ...compileFlags, ...include];
  const folder = join(cacheFolder(), 'objects');
  mkdirSync(folder, { recursive: true });
  const headers = below(sources).filter((name) => name.endsWith('.h'));
  const words = flags.join(' ') + versions();
  const units = below(sources)
    .filter((name) => name.endsWith('.cc'))
    .map((source) => ({ source, object: join(folder, `${hashOf([source, ...headers], words)}.o`) }));
  await inParallel(
    units.filter(({ object }) => !existsSync(object)),
    async ({ source, object }) => {
      await run('g++', [...flags, '-c', source, '-o', `${object}.part`]);
      renameSync(`${object}.part`, object);
    },
    report,
  );
  const objects = units.map(({ object }) => object);
  const driver = join(part, 'sluicetest_drv_video.so');
  await run('g++', ['-shared', '-Wl,-z,defs', ...objects, ...link, '-lyuv', '-o', driver]);
  const preloaded = join(part, 'drm-shim.so');
  await run('gcc', ['-std=gnu17', '-shared', ...compileFlags, ...include, shim, '-o', preloaded, '-ldl']);
  await inParallel(programs, (name) => {
    const out = join(part, `check-${name}`);
    return run('g++', [
      '-std=c++20',
      ...compileFlags,
      join(checks, `${name}.cc`),
      '-lva',
      '-lva-drm',
      '-o',
      out,
    ]);
  });
  forgetBut(
    folder,
    objects.map((object) => basename(object)),
  );
}

/** The recipe goes last: who sees it sees whole files. */
function install(folder, hash) {
  mkdirSync(installFolder, { recursive: true });
  for (const name of products) {
    const part = join(installFolder, `${name}.${process.pid}.part`);
    copyFileSync(join(folder, name), part);
    renameSync(part, join(installFolder, name));
  }
  writeFileSync(join(installFolder, 'recipe'), hash);
}

async function build() {
  const lacking = missing();
  if (lacking.length > 0)
    throw new Error(
      `the test driver for VA-API cannot be built, ${lacking.join(', ')} missing: apt-get install ${packages.join(' ')}`,
    );
  const hash = buildHash();
  if (isCurrent(hash)) return;
  const folder = join(cacheFolder(), hash);
  mkdirSync(cacheFolder(), { recursive: true });
  await withLock(join(cacheFolder(), 'lock'), async () => {
    await fillCache(folder);
    install(folder, hash);
  });
}

if (process.argv.includes('--is-current')) {
  process.exitCode = missing().length === 0 && isCurrent(buildHash()) ? 0 : 1;
} else {
  try {
    await build();
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
}
