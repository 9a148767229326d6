// Owns what the build needs from the machine: compiler, Node's headers, libraries, and the Debian packages that bring them.
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { run } from '../../wasm/build/run.mjs';

export const compiler = process.env.CXX || 'g++';

/** Without these nothing is built. */
const needed = [
  { name: 'libavcodec', package: 'libavcodec-dev' },
  { name: 'libavutil', package: 'libavutil-dev' },
];

/** What is not there is left out, and `define` not set. libyuv has no description for pkg-config on Debian 12. */
const optional = [
  { name: 'openh264', package: 'libopenh264-dev', define: 'SLUICE_OPENH264', gives: 'openh264' },
  { name: 'vpx', package: 'libvpx-dev', define: 'SLUICE_VPX', gives: 'VP8 and VP9 encoders' },
];

/** For devices. */
const device = [
  { name: 'libva', package: 'libva-dev' },
  { name: 'libva-drm', package: 'libva-dev' },
  { name: 'libdrm', package: 'libdrm-dev' },
];

/** Debian's packages with everything, as set-up installs them. */
export const packages = [
  ...['g++', 'pkg-config', 'libyuv-dev'],
  ...new Set([...needed, ...optional, ...device].map((library) => library.package)),
];

/**
 * What is here: a text that changes with it (versions of compiler and libraries), which libraries, which packages are
 * missing. Cheap: a few programs that end at once.
 */
export function look() {
  const compilerVersion = answer(compiler, ['-dumpfullversion']);
  const hasPkgConfig = answer('pkg-config', ['--version']) !== undefined;
  const present = (libraries) =>
    libraries.map((library) => ({
      ...library,
      version: answer('pkg-config', ['--modversion', library.name]),
    }));
  const found = { needed: present(needed), optional: present(optional), device: present(device) };
  const all = Object.values(found).flat();
  const headers = nodeHeaders();
  const missing = [
    ...(compilerVersion === undefined ? ['g++'] : []),
    ...(hasPkgConfig ? [] : ['pkg-config']),
    ...(headers === undefined ? ['libnode-dev'] : []),
    ...new Set(all.filter(({ version }) => version === undefined).map((library) => library.package)),
  ];
  const isThere = ({ version }) => version !== undefined;
  return {
    text: [`${compiler} ${compilerVersion}`, ...all.map(({ name, version }) => `${name} ${version}`)].join(
      ', ',
    ),
    canBuild:
      compilerVersion !== undefined && hasPkgConfig && headers !== undefined && found.needed.every(isThere),
    headers,
    missing,
    needed: found.needed,
    optional: found.optional.filter(isThere),
    device: found.device.every(isThere) ? found.device : [],
  };
}

/** Whether programs with libyuv can be made: asked of the compiler. */
export async function hasLibyuv() {
  const program = '#include <libyuv.h>\nint main() { return libyuv::TestCpuFlag(1); }\n';
  try {
    await run(compiler, ['-x', 'c++', '-', '-o', '/dev/null', '-lyuv'], { input: program });
    return true;
  } catch {
    return false;
  }
}

/** Compiler's or linker's flags of libraries. */
export function flagsOf(kind, libraries) {
  if (libraries.length === 0) return [];
  const text = execFileSync('pkg-config', [`--${kind}`, ...libraries.map(({ name }) => name)], {
    encoding: 'utf8',
  });
  return text.split(/\s+/).filter((flag) => flag !== '');
}

/** The folder of node_api.h: beside this Node, or the system's. */
function nodeHeaders() {
  const beside = join(dirname(process.execPath), '../include/node');
  return [beside, '/usr/local/include/node', '/usr/include/node'].find((folder) =>
    existsSync(join(folder, 'node_api.h')),
  );
}

function answer(command, args) {
  try {
    return execFileSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  } catch {
    return undefined;
  }
}
