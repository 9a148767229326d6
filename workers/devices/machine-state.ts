// Owns what of the machine decides what an engine can do and how fast: versions of kernel, processors, drivers, libva and
// our own builds. Drivers are known by their files, for asking one may end the process that asks.
import { statSync } from 'node:fs';
import { cpus, release } from 'node:os';
import { join } from 'node:path';
import { builtFolder as nativeFolder } from '../../native/load-addon.ts';
import { builtFolder as wasmFolder } from '../../wasm/locate.ts';
import { needsDevice } from './choose-engines.ts';
import type { EngineSubject } from './engine-subject.ts';
import { namesIn, readText } from './read-text.ts';
import type { RenderNode } from './render-nodes.ts';

type Environment = Readonly<Record<string, string | undefined>>;

const libraries = [
  'usr/lib/x86_64-linux-gnu',
  'usr/lib/aarch64-linux-gnu',
  'usr/lib64',
  'usr/lib',
  'usr/local/lib',
];
/** What was found out by another form of the self-test does not count. */
const selfTestVersion = 1;

/** Two subjects with the same text are the same in all that matters. */
export function machineState(
  { engine, device }: EngineSubject,
  nodes: readonly RenderNode[],
  env: Environment,
): string {
  const build = (folder: string | undefined): string | undefined =>
    folder === undefined ? undefined : readText(join(folder, 'manifest.json'));
  return JSON.stringify({
    selfTestVersion,
    engine,
    runtime: process.version,
    processors: cpus().map(({ model }) => model),
    wasm: build(wasmFolder()),
    ...(engine === 'wasm' ? {} : { native: build(nativeFolder()) }),
    ...(needsDevice(engine)
      ? { kernel: release(), device: identity(nodes, device), drivers: driverFiles(env) }
      : {}),
  });
}

/** Without its path, which depends on what else is plugged in. */
function identity(nodes: readonly RenderNode[], device: string | undefined): unknown {
  const { driver, slot, pciId } = nodes.find(({ path }) => path === device) ?? {};
  return { driver, slot, pciId };
}

/** Names, sizes and times of libva and its drivers. `root`: where the machine's files are, for tests. */
export function driverFiles(env: Environment, root = '/'): readonly string[] {
  const { LIBVA_DRIVERS_PATH, LIBVA_DRIVER_NAME } = env;
  const given = (LIBVA_DRIVERS_PATH ?? '').split(':').filter((folder) => folder !== '');
  const drivers = (given.length > 0 ? given : libraries.map((folder) => `${folder}/dri`)).flatMap((folder) =>
    namesIn(join(root, folder))
      .filter((name) => name.endsWith('_drv_video.so'))
      .map((name) => join(folder, name)),
  );
  const libva = libraries.flatMap((folder) =>
    ['libva.so.2', 'libva-drm.so.2'].map((name) => join(folder, name)),
  );
  const versions = [...drivers, ...libva].flatMap((path) => {
    const version = versionOf(join(root, path));
    return version === undefined ? [] : [`${path} ${version}`];
  });
  return [
    ...versions,
    ...(LIBVA_DRIVER_NAME === undefined ? [] : [`LIBVA_DRIVER_NAME=${LIBVA_DRIVER_NAME}`]),
  ];
}

function versionOf(path: string): string | undefined {
  try {
    const { size, mtimeMs } = statSync(path);
    return `${size} ${mtimeMs}`;
  } catch {
    return undefined;
  }
}
