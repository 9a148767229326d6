// Owns the native programs that the modules are compared with, in speed (npm run bench -- codecs) and in what they produce
// (npm run build:wasm -- --native-check): the same glue over openh264 from the same tarball, built by gcc with its
// assembler code, and over Debian's libvpx. Run alone, it prints the folder of the programs as JSON.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolder, recipe, wasmFolder } from './recipe.mjs';
import { jobs, run, step } from './run.mjs';
import { fetchSources, unpack } from './sources.mjs';

const libraryFolders = ['/usr/lib/x86_64-linux-gnu', '/usr/lib/aarch64-linux-gnu', '/usr/lib64', '/usr/lib'];

/**
 * Builds the programs. Resolves with their folder and with what could not be had: `assembler` is false without nasm
 * (openh264 is then plain C), `libvpx` is undefined when the system has no libvpx.so.7.
 */
export async function buildNative() {
  const folder = join(cacheFolder(), 'native', nativeHash());
  const done = join(folder, 'native.json');
  if (!existsSync(done)) {
    await fetchSources();
    const part = `${folder}.${process.pid}.part`;
    rmSync(part, { recursive: true, force: true });
    mkdirSync(part, { recursive: true });
    const assembler = existsSync('/usr/bin/nasm');
    await step(`build native openh264 (${assembler ? 'with' : 'without'} assembler)`, () =>
      openh264(part, assembler),
    );
    await run('gcc', ['-O3', '-w', join(wasmFolder, 'native/clip.c'), '-lm', '-o', join(part, 'clip')]);
    const libvpx = libraryFolders.map((name) => join(name, 'libvpx.so.7')).find((path) => existsSync(path));
    if (libvpx) await step('build against libvpx of the system', () => vpx(part, libvpx));
    writeFileSync(join(part, 'native.json'), JSON.stringify({ assembler, libvpx }));
    rmSync(folder, { recursive: true, force: true });
    renameSync(part, folder);
  }
  return { folder, ...JSON.parse(readFileSync(done, 'utf8')) };
}

async function openh264(folder, assembler) {
  const tree = await unpack('openh264', folder);
  await run(
    'make',
    ['-j', String(jobs), `USE_ASM=${assembler ? 'Yes' : 'No'}`, 'BUILDTYPE=Release', 'libopenh264.a'],
    { cwd: tree },
  );
  await run('g++', [
    ...['-O3', '-w', '-I', join(tree, 'codec/api/wels'), join(wasmFolder, 'native/h264.cc')],
    ...[join(tree, 'libopenh264.a'), '-lpthread', '-lm', '-o', join(folder, 'h264')],
  ]);
}

/** The headers are those of the recipe's source, which is the version of Debian 12's library. */
async function vpx(folder, library) {
  const tree = await unpack('libvpx', folder);
  for (const name of ['encoder', 'decoder']) {
    const source = join(wasmFolder, `glue/vpx-${name}.c`);
    await run('gcc', ['-O3', '-w', '-I', tree, '-c', source, '-o', join(folder, `vpx-${name}.o`)]);
  }
  const objects = ['encoder', 'decoder'].map((name) => join(folder, `vpx-${name}.o`));
  const source = join(wasmFolder, 'native/vpx.cc');
  for (const name of ['vp8', 'vp9']) {
    await run('g++', ['-O3', '-w', source, ...objects, library, '-lm', '-o', join(folder, name)]);
  }
}

function nativeHash() {
  const hash = createHash('sha256').update(JSON.stringify(recipe.sources));
  const files = ['native', 'glue'].flatMap((name) =>
    readdirSync(join(wasmFolder, name))
      .sort()
      .map((file) => join(wasmFolder, name, file)),
  );
  for (const file of [...files, import.meta.filename]) hash.update(readFileSync(file));
  return hash.digest('hex').slice(0, 32);
}

if (process.argv[1] === import.meta.filename) {
  try {
    console.log(JSON.stringify(await buildNative()));
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
}
