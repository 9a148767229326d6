// Owns compiling the sources and linking the two binaries.
import { existsSync, mkdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { objectHash, sourceFolder, sources } from './recipe.mjs';
import { inParallel, run } from '../../wasm/build/run.mjs';
import { compiler, flagsOf } from './toolchain.mjs';

const common = [
  ...['-std=c++20', '-O2', '-g1', '-fPIC', '-fvisibility=hidden', '-fvisibility-inlines-hidden'],
  ...['-Wall', '-Wextra', `-ffile-prefix-map=${sourceFolder}=.`],
];

/**
 * Makes `media-cpu.node`, and `media-va.node` where libva is, in `out`. Objects are kept in `objects`, by what they are
 * made of. Resolves with the names of the binaries.
 */
export async function compile({ tools, variant, objects, out }) {
  mkdirSync(objects, { recursive: true });
  const { common: sourcesOfAll, device } = sources();
  const hasDevice = tools.device.length > 0 && device.length > 0;
  const sanitize =
    variant.sanitizers === '' ? [] : [`-fsanitize=${variant.sanitizers}`, '-fno-omit-frame-pointer'];
  const libraries = [...tools.needed, ...tools.optional];
  const flags = [
    ...[...common, ...sanitize, '-isystem', tools.headers, ...flagsOf('cflags', libraries)],
    ...tools.optional.map(({ define }) => `-D${define}`),
  ];
  const deviceFlags = [...flags, ...flagsOf('cflags', tools.device), '-DSLUICE_VA'];
  const unit = (source, itsFlags) => ({
    source,
    flags: itsFlags,
    object: join(objects, `${objectHash(source, [tools.text, ...itsFlags])}.o`),
  });
  const cpuUnits = sourcesOfAll.map((source) => unit(source, flags));
  const binaries = [{ name: 'media-cpu.node', units: cpuUnits, libraries }];
  if (hasDevice) {
    // The rest does not know whether there are devices, so its objects are those of the other binary.
    const units = cpuUnits.map((each) =>
      each.source === 'backends.cc' ? unit(each.source, deviceFlags) : each,
    );
    binaries.push({
      name: 'media-va.node',
      units: [...units, ...device.map((source) => unit(source, deviceFlags))],
      libraries: [...libraries, ...tools.device],
    });
  }
  const units = new Map(binaries.flatMap((binary) => binary.units.map((each) => [each.object, each])));
  await inParallel(
    [...units.values()].filter(({ object }) => !existsSync(object)),
    async ({ source, flags: itsFlags, object }) => {
      const part = `${object}.${process.pid}.part`;
      const strict = variant.isStrict ? ['-Werror'] : [];
      await run(compiler, [...itsFlags, ...strict, '-c', source, '-o', part], { cwd: sourceFolder });
      renameSync(part, object);
    },
  );
  await inParallel(binaries, ({ name, units: its, libraries: linked }) =>
    run(compiler, [
      // Never unloaded: an engine thread that hangs in a driver may outlive the worker thread that began it.
      ...['-shared', '-Wl,-z,nodelete', '-Wl,--as-needed', '-Wl,-z,relro,-z,now', ...sanitize],
      ...its.map(({ object }) => object),
      ...[...flagsOf('libs', linked), '-lyuv', '-pthread', '-o', join(out, name)],
    ]),
  );
  return binaries.map(({ name }) => name);
}
