// Owns compiling the third-party libraries to WebAssembly archives: which files, which flags, which C definitions our
// kernels may replace. Not our own sources, and not linking (link.mjs).
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { wasmFolder } from './recipe.mjs';
import { inParallel, jobs, run, step } from './run.mjs';
import { unpack } from './sources.mjs';
import { compileFlags, emscriptenEnvironment, tools } from './toolchain.mjs';

/** Compiles every library of the recipe below `folder`; free for those that are there. */
export async function buildLibraries(folder) {
  mkdirSync(folder, { recursive: true });
  for (const [name, build] of Object.entries({ openh264, libvpx, opus, 'vo-aacenc': aac, speexdsp })) {
    const done = join(folder, `${name}.done`);
    if (existsSync(done)) continue;
    await step(`compile ${name}`, async (report) => {
      const tree = await unpack(name, folder);
      await build({ tree, folder, archive: join(folder, `${name}.a`), report });
    });
    writeFileSync(done, '');
  }
}

async function openh264({ tree, folder, archive, report }) {
  const template = join(tree, 'codec/common/inc/version_gen.h.template');
  writeFileSync(
    template.replace('.template', ''),
    readFileSync(template, 'utf8').replace('$FULL_VERSION', '"v2.6.0"'),
  );
  for (const [file, names] of Object.entries(replaceable)) makeWeak(join(tree, 'codec', file), names);

  // The encoder and the decoder have headers of the same names, so each part gets its own search path.
  const processing = [
    'interface',
    ...['common', 'adaptivequantization', 'downsample', 'scrolldetection', 'vaacalc'].map((n) => `src/${n}`),
  ].map((name) => `processing/${name}`);
  const parts = {
    'common/src': [],
    'encoder/core/src': ['encoder/core/inc', 'encoder/plus/inc', 'processing/interface'],
    'encoder/plus/src': ['encoder/core/inc', 'encoder/plus/inc', 'processing/interface'],
    'decoder/core/src': ['decoder/core/inc', 'decoder/plus/inc'],
    'decoder/plus/src': ['decoder/core/inc', 'decoder/plus/inc'],
    'processing/src': processing,
  };
  const files = Object.entries(parts).flatMap(([part, includes]) =>
    sourcesBelow(join(tree, 'codec', part), '.cpp')
      .filter((file) => !file.includes('DllEntry'))
      .map((file) => ({
        file: join('codec', part, file),
        flags: ['api/wels', 'common/inc', ...includes].map((name) => `-Icodec/${name}`),
      })),
  );
  await compileArchive({
    tree,
    folder,
    archive,
    report,
    files,
    compiler: tools.clangxx,
    flags: ['-fno-exceptions', '-fno-rtti'],
  });
}

/** C definitions that kernels/h264 gives in a faster form, by file. */
const replaceable = {
  'common/src/sad_common.cpp': ['16x16', '16x8', '8x16', '8x8'].flatMap((size) => [
    `WelsSampleSad${size}_c`,
    `WelsSampleSadFour${size}_c`,
  ]),
  'common/src/mc.cpp': ['WelsCommon::InitMcFunc'],
  'common/src/deblocking_common.cpp': ['LumaLt4V', 'LumaLt4H', 'ChromaLt4V', 'ChromaLt4H'].map(
    (name) => `Deblock${name}_c`,
  ),
  'encoder/core/src/sample.cpp': ['4x4', '8x8', '16x8', '8x16', '16x16'].map(
    (size) => `WelsSampleSatd${size}_c`,
  ),
  'encoder/core/src/encode_mb_aux.cpp': [
    ...['WelsDctT4_c', 'WelsDctFourT4_c', 'WelsQuant4x4_c', 'WelsQuantFour4x4_c'],
    ...['WelsQuantFour4x4Max_c', 'WelsGetNoneZeroCount_c'],
  ],
  'encoder/core/src/decode_mb_aux.cpp': ['WelsIDctT4Rec_c', 'WelsIDctFourT4Rec_c'],
  'decoder/core/src/decode_mb_aux.cpp': ['IdctResAddPred_c'],
  'processing/src/vaacalc/vaacalcfuncs.cpp': ['VAACalcSadBgd_c'],
};

/** Marks C definitions weak, so that a kernel of the same name takes their place at link time, also within the file. */
function makeWeak(path, names) {
  let text = readFileSync(path, 'utf8');
  for (const name of names) {
    const definition = new RegExp(`^(?:int32_t|void) ${name} \\([^;{]*\\) *\\{`, 'gm');
    const found = text.match(definition) ?? [];
    if (found.length !== 1) throw new Error(`${path}: ${found.length} definitions of ${name}, not one`);
    text = text.replace(definition, (match) => `__attribute__ ((weak)) ${match}`);
  }
  writeFileSync(path, text);
}

/**
 * libvpx is configured as if for ARM, with NEON intrinsics through shim/arm_neon.h. The four members that kernels/vp8
 * replaces are left out of the archive.
 */
async function libvpx({ tree, folder, archive }) {
  const build = join(folder, 'libvpx-build');
  mkdirSync(build, { recursive: true });
  // SIMDe alone: the system's other headers are for the system's own processor.
  const headers = join(folder, 'headers');
  rmSync(headers, { recursive: true, force: true });
  mkdirSync(headers);
  symlinkSync('/usr/include/simde', join(headers, 'simde'));
  const compiler = [tools.clang, ...compileFlags].join(' ');
  const env = {
    ...emscriptenEnvironment(folder),
    CC: compiler,
    CXX: compiler,
    LD: 'emcc',
    AR: tools.ar,
    AS: 'true',
    STRIP: 'true',
  };
  const extra = [
    '-w',
    '-DSIMDE_NO_CHECK_IMMEDIATE_CONSTANT',
    `-I${join(wasmFolder, 'shim')}`,
    `-I${headers}`,
    `-ffile-prefix-map=${folder}=.`,
  ];
  await run(
    join(tree, 'configure'),
    [
      ...['--target=arm64-linux-gcc', `--extra-cflags=${extra.join(' ')}`, '--enable-realtime-only'],
      ...[
        ...['examples', 'tools', 'docs', 'unit-tests', 'multithread', 'runtime-cpu-detect', 'webm-io'],
        ...['libyuv', 'install-bins', 'install-srcs', 'postproc', 'vp9-postproc'],
      ].map((name) => `--disable-${name}`),
    ],
    { cwd: build, env },
  );
  await run('make', ['-j', String(jobs), 'libvpx.a'], { cwd: build, env });
  const replaced = ['vp8_loopfilter', 'mbloopfilter', 'sixtappredict', 'shortfdct'].map(
    (name) => `${name}_neon.c.o`,
  );
  await run(tools.ar, ['d', 'libvpx.a', ...replaced], { cwd: build });
  await run('cp', ['libvpx.a', archive], { cwd: build });
}

async function opus({ tree, folder, archive, report }) {
  const lists = ['celt', 'silk', 'opus'].map((name) =>
    readFileSync(join(tree, `${name}_sources.mk`), 'utf8'),
  );
  const filesIn = (variable) => {
    for (const list of lists) {
      const [, value] = new RegExp(`^${variable} *=((?:.*\\\\\\n)*.*)$`, 'm').exec(list) ?? [];
      if (value !== undefined) return value.split(/[\s\\]+/).filter((word) => word.endsWith('.c'));
    }
    throw new Error(`opus lists no ${variable}`);
  };
  const simd = ['SSE', 'SSE2', 'SSE4_1'];
  const files = [
    ...['CELT_SOURCES', 'SILK_SOURCES', 'SILK_SOURCES_FLOAT', 'OPUS_SOURCES', 'OPUS_SOURCES_FLOAT'],
    ...['CELT_SOURCES_SSE', 'CELT_SOURCES_SSE2', 'CELT_SOURCES_SSE4_1', 'SILK_SOURCES_SSE4_1'],
  ].flatMap(filesIn);
  await compileArchive({
    tree,
    folder,
    archive,
    report,
    files: [...new Set(files)].map((file) => ({ file, flags: [] })),
    compiler: tools.clang,
    // Emscripten's headers give SSE intrinsics as WebAssembly SIMD, which the float build profits from.
    flags: [
      ...['-D__SSE__', '-D__SSE2__', '-D__SSE3__', '-D__SSSE3__', '-D__SSE4_1__'],
      ...['OPUS_BUILD', 'USE_ALLOCA', 'HAVE_LRINT', 'HAVE_LRINTF', 'FLOAT_APPROX'].map((n) => `-D${n}`),
      ...simd.flatMap((name) => [`-DOPUS_X86_MAY_HAVE_${name}=1`, `-DOPUS_X86_PRESUME_${name}=1`]),
      ...['include', 'celt', 'silk', 'silk/float', 'src', '.'].map((name) => `-I${name}`),
    ],
  });
}

async function aac({ tree, folder, archive, report }) {
  const files = ['aacenc/src', 'aacenc/basic_op', 'common'].flatMap((part) =>
    readdirSync(join(tree, part))
      .filter((name) => name.endsWith('.c'))
      .map((name) => ({ file: join(part, name), flags: [] })),
  );
  await compileArchive({
    tree,
    folder,
    archive,
    report,
    files,
    compiler: tools.clang,
    flags: ['aacenc/inc', 'aacenc/basic_op', 'common/include'].map((name) => `-I${name}`),
  });
}

async function speexdsp({ tree, folder, archive, report }) {
  // Its configure would write this header.
  writeFileSync(
    join(tree, 'include/speex/speexdsp_config_types.h'),
    '#include <stdint.h>\n' +
      ['int16', 'uint16', 'int32', 'uint32'].map((n) => `typedef ${n}_t spx_${n}_t;\n`).join(''),
  );
  await compileArchive({
    tree,
    folder,
    archive,
    report,
    files: [{ file: 'libspeexdsp/resample.c', flags: [] }],
    compiler: tools.clang,
    flags: [
      '-DFLOATING_POINT',
      '-DEXPORT=',
      '-DUSE_SSE',
      '-DUSE_SSE2',
      '-D__SSE__',
      '-D__SSE2__',
      '-Iinclude',
      '-Ilibspeexdsp',
    ],
  });
}

async function compileArchive({ tree, folder, archive, files, compiler, flags, report }) {
  const objects = `${archive}.objects`;
  mkdirSync(objects, { recursive: true });
  const object = ({ file }) => join(objects, `${file.replaceAll(/[/.]/g, '_')}.o`);
  await inParallel(
    files,
    (entry) =>
      run(
        compiler,
        [
          ...compileFlags,
          ...flags,
          ...entry.flags,
          `-ffile-prefix-map=${folder}=.`,
          ...['-w', '-c', entry.file, '-o', object(entry)],
        ],
        { cwd: tree },
      ),
    report,
  );
  await run(tools.ar, ['rcsD', archive, ...files.map(object).sort()]);
}

function sourcesBelow(folder, extension) {
  return readdirSync(folder, { recursive: true })
    .filter((name) => name.endsWith(extension))
    .sort();
}
