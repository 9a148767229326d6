// Owns the modules: which glue, kernels and libraries each consists of, and that it imports nothing but what loader.ts
// gives it.
/* global WebAssembly */
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { recipe, wasmFolder } from './recipe.mjs';
import { inParallel, run, step } from './run.mjs';
import { compileFlags, emscriptenEnvironment, tools } from './toolchain.mjs';

const kernels = ['h264', 'vp8'].flatMap((name) =>
  readdirSync(join(wasmFolder, 'kernels', name))
    .filter((file) => /\.cc?$/.test(file))
    .sort()
    .map((file) => `kernels/${name}/${file}`),
);
const runtime = ['glue/setjmp.c', 'glue/threads.c'];
const videoLibraries = ['openh264', 'libvpx'];

/** `memoryMb`: first and largest size of its memory. */
const modules = {
  // One module for all video: decoders, compositor and encoders share one memory, so that a room with H.264 and VP8
  // participants is one instance and no picture is copied.
  video: {
    sources: [
      ...['h264-encoder.cc', 'h264-decoder.cc', 'vpx-encoder.c', 'vpx-decoder.c', 'compositor.c'].map(
        (file) => `glue/${file}`,
      ),
      ...kernels,
      ...runtime,
    ],
    libraries: videoLibraries,
    memoryMb: [16, 2048],
    stackKb: 1024,
  },
  audio: {
    sources: ['glue/opus.c', 'glue/aac.c', 'glue/resampler.c', 'glue/mixer.c'],
    libraries: ['opus', 'vo-aacenc', 'speexdsp'],
    memoryMb: [4, 512],
    stackKb: 512,
  },
  // For tests: what the kernels replace, with and without them.
  'kernels-simd': {
    sources: ['glue/kernel-probe.cc', ...kernels, ...runtime],
    libraries: videoLibraries,
    memoryMb: [16, 16],
    stackKb: 256,
  },
  'kernels-plain': {
    sources: ['glue/kernel-probe.cc', ...runtime],
    flags: ['-DPLAIN'],
    libraries: videoLibraries,
    memoryMb: [16, 16],
    stackKb: 256,
  },
};

/** Compiles our sources and links every module from `libraries` into `out`, using `scratch` for what lies between. */
export async function linkModules({ libraries, scratch, out }) {
  mkdirSync(scratch, { recursive: true });
  mkdirSync(out, { recursive: true });
  const tree = (name) => join(libraries, recipe.sources[name].folder);
  const includes = [
    'glue',
    ...['codec/api/wels', 'codec/common/inc'].map((folder) => join(tree('openh264'), folder)),
    tree('libvpx'),
    join(libraries, 'libvpx-build'),
    ...['opus', 'speexdsp'].map((name) => join(tree(name), 'include')),
    ...['aacenc/inc', 'common/include'].map((folder) => join(tree('vo-aacenc'), folder)),
  ].flatMap((folder) => [folder.startsWith('/') ? '-isystem' : '-I', folder]);
  const env = emscriptenEnvironment(scratch);
  await step('compile glue and kernels', async (report) => {
    const wanted = Object.entries(modules).flatMap(([name, { sources, flags = [] }]) =>
      sources.map((source) => ({ source, flags, object: objectOf(scratch, name, source) })),
    );
    await inParallel(
      wanted,
      ({ source, flags, object }) => {
        const isCxx = source.endsWith('.cc');
        const language = isCxx ? ['-std=c++17', '-fno-exceptions', '-fno-rtti'] : ['-std=gnu11'];
        return run(
          isCxx ? tools.clangxx : tools.clang,
          [
            ...[...compileFlags, ...language, ...flags, ...includes, '-Wall', '-Wextra', '-Werror'],
            ...[`-ffile-prefix-map=${wasmFolder}=.`, '-c', source, '-o', object],
          ],
          { cwd: wasmFolder },
        );
      },
      report,
    );
  });
  await step('link modules', (report) =>
    inParallel(
      Object.entries(modules),
      async ([
        name,
        {
          sources,
          libraries: names,
          memoryMb: [first, most],
          stackKb,
        },
      ]) => {
        const file = join(out, `${name}.wasm`);
        await run(
          'em++',
          [
            ...sources.map((source) => objectOf(scratch, name, source)),
            ...names.map((library) => join(libraries, `${library}.a`)),
            ...['-O3', '--no-entry', '-sSTANDALONE_WASM', '-sWASM_BIGINT', '-sALLOW_MEMORY_GROWTH=1'],
            ...[`-sINITIAL_MEMORY=${first}MB`, `-sMAXIMUM_MEMORY=${most}MB`, `-sTOTAL_STACK=${stackKb}KB`],
            '-sEXPORTED_FUNCTIONS=_malloc,_free,_setThrew,stackSave,stackRestore',
            // setjmp's helpers are JavaScript's to give; assertImports has the last word.
            ...['-sERROR_ON_UNDEFINED_SYMBOLS=0', '-Wl,--allow-undefined', '-o', file],
          ],
          { env, cwd: scratch },
        );
        assertImports(name, new WebAssembly.Module(readFileSync(file)));
      },
      report,
    ),
  );
}

/** Everything that loader.ts provides; a function that is missing at link time would appear beside it. */
function assertImports(name, module) {
  const known = JSON.parse(readFileSync(join(wasmFolder, 'imports.json'), 'utf8'));
  const unknown = WebAssembly.Module.imports(module)
    .map(({ module: from, name: what }) => `${from}.${what}`)
    .filter((what) => !known.some((pattern) => new RegExp(`^${pattern}$`).test(what)));
  if (unknown.length > 0) throw new Error(`${name}.wasm imports what nobody gives: ${unknown.join(', ')}`);
}

const objectOf = (scratch, module, source) =>
  join(scratch, `${module === 'kernels-plain' ? 'plain' : 'with'}-${source.replaceAll(/[/.]/g, '_')}.o`);
