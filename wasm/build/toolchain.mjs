// Owns the compilers: which packages they come from, the configuration that lets Debian's emscripten drive clang 19, and
// the flags that every file shares.
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { recipe } from './recipe.mjs';
import { run, step } from './run.mjs';

const emscripten = '/usr/share/emscripten';
const sysroot = join(emscripten, 'cache/sysroot');
const llvm = '/usr/lib/llvm-19/bin';

export const tools = {
  clang: join(llvm, 'clang'),
  clangxx: join(llvm, 'clang++'),
  ar: join(llvm, 'llvm-ar'),
};

const needed = [tools.clang, tools.ar, join(llvm, 'wasm-ld'), join(emscripten, 'emcc.py'), sysroot];
const programs = ['make', 'patch', 'perl', 'xz'];

/**
 * What emscripten 3.1.6 passes to clang. We call clang ourselves: starting Python for each of 500 files takes longer
 * than compiling them.
 */
export const compileFlags = [
  ...['-target', 'wasm32-unknown-emscripten', `--sysroot=${sysroot}`],
  ...['-DEMSCRIPTEN', '-D__EMSCRIPTEN__', '-Dunix', '-D__unix', '-D__unix__', '-D_LIBCPP_ABI_VERSION=2'],
  ...['-fignore-exceptions', '-fvisibility=default', '-fno-threadsafe-statics'],
  ...['-mllvm', '-combiner-global-alias-analysis=false', '-mllvm', '-enable-emscripten-sjlj'],
  ...['-mllvm', '-disable-lsr', '-Xclang', '-iwithsysroot/include/compat'],
  ...['-msimd128', '-O3', '-DNDEBUG'],
];

/** Makes sure the compilers are there; installs them when root, otherwise throws with the command to run. */
export async function requireToolchain() {
  const missing = () =>
    [...needed, ...programs.map((name) => `/usr/bin/${name}`)].filter((path) => !existsSync(path));
  if (missing().length === 0) return;
  const install = ['install', '-y', '-q', '--no-install-recommends', ...recipe.toolchain];
  const advice =
    `The codec modules need compilers that are not here (${missing()[0]}). On Debian 12 run\n` +
    `  sudo apt-get update && sudo apt-get ${install.join(' ')}\n` +
    'and then npm run build:wasm again. Without root or apt: build on another machine and copy its folder build/wasm.';
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) throw new Error(advice);
  const env = { DEBIAN_FRONTEND: 'noninteractive' };
  await step('read the package lists', () => run('apt-get', ['update', '-q'], { env }));
  await step(`install compilers (${recipe.toolchain.join(' ')})`, () => run('apt-get', install, { env }));
  if (missing().length > 0) throw new Error(advice);
}

/**
 * Writes emscripten's configuration for clang 19 into `folder` and returns the environment that selects it. The two
 * empty versions keep emscripten from looking for tools named after its own LLVM.
 */
export function emscriptenEnvironment(folder) {
  const config = join(folder, 'emscripten.config');
  writeFileSync(
    config,
    [
      `EMSCRIPTEN_ROOT = '${emscripten}'`,
      `LLVM_ROOT = '${llvm}'`,
      `BINARYEN_ROOT = '/usr'`,
      `NODE_JS = '${process.execPath}'`,
      'FROZEN_CACHE = True',
      `LLVM_ADD_VERSION = ''`,
      `CLANG_ADD_VERSION = ''`,
      '',
    ].join('\n'),
  );
  return { EM_CONFIG: config };
}
