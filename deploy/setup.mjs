// Owns the set-up that `npm start` and `npm test` share: everything a fresh clone needs on a machine that has only Node.
// Plain Node without dependencies, since it runs before `npm ci`. Every step is free when there is nothing to do.
import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { run, step } from './progress.mjs';

const root = join(import.meta.dirname, '..');
const oldest = [20, 12];

/**
 * Makes the checkout runnable. Resolves with false after telling what the person has to do. `codecs` builds the codec
 * modules too, without which nothing is mixed, and the native engine where what it needs is there; `native` (which is
 * installed), `chromium`, `redis` and `coturn` are for tests; without coturn those of relays are skipped.
 */
export async function setup({
  bundles = true,
  chromium = false,
  codecs = false,
  redis = false,
  coturn = false,
  native = false,
} = {}) {
  process.chdir(root);
  if (!nodeIsNewEnough()) return false;
  if (!modulesAreCurrent() && !(await installModules())) return false;
  if (codecs) await ensureCodecs();
  if (native) await installNativeNeeds();
  if (codecs || native) await ensureNative();
  if (bundles && !(await step('build', buildNow))) return false;
  if (redis && !redisForTests.find() && !(await installForTests(redisForTests))) return false;
  if (coturn && !coturnForTests.find()) await installForTests(coturnForTests);
  if (!chromium || findChromium() !== undefined) return true;
  if (process.env.CHROMIUM_PATH) {
    console.error(`CHROMIUM_PATH is ${process.env.CHROMIUM_PATH}, but that is no program that can be run.`);
    return false;
  }
  return installForTests(browserForTests);
}

/** Codec modules, built once for each recipe. A machine that cannot build them still forwards: that is said, no failure. */
async function ensureCodecs() {
  if ((await run(process.execPath, ['wasm/build/main.mjs', '--is-current'])).ok) return;
  console.log('codec modules (once; two to five minutes)');
  const { ok } = await run(process.execPath, ['wasm/build/main.mjs'], { quiet: false });
  if (!ok)
    console.error(
      'Going on without codec modules: streams are forwarded, but not mixed or converted, and tests that need them are\n' +
        'skipped. To try again: npm run build:wasm',
    );
}

/** The native engine, where its compilers and libraries are. The codec modules do everything that it does. */
async function ensureNative() {
  const { ok, code } = await run(process.execPath, ['native/build/main.mjs', '--is-current']);
  const cannotBeBuilt = 2;
  if (ok || code === cannotBeBuilt) return;
  console.log('native engine (once; about a minute)');
  const built = await run(process.execPath, ['native/build/main.mjs'], { quiet: false });
  if (!built.ok) console.error('Going on without the native engine. To try again: npm run build:native');
}

/** Tests of the native engine are skipped without. */
async function installNativeNeeds() {
  const missing = () =>
    spawnSync(process.execPath, ['native/build/main.mjs', '--missing'], { encoding: 'utf8' }).stdout.trim();
  const packages = missing();
  if (packages === '') return;
  await installForTests({
    name: 'what the native engine is built of',
    packages: packages.split(' '),
    find: () => (missing() === '' ? packages : undefined),
    otherwise: 'Going on without it: tests of the native engine are skipped.',
  });
}

async function buildNow() {
  const { build } = await import('./build.mjs');
  const { built } = await build();
  return { ok: true, note: built ? '' : 'nothing changed' };
}

/** The browser for tests: `CHROMIUM_PATH`, else the first known one on the PATH; undefined when there is none. */
export function findChromium() {
  const given = process.env.CHROMIUM_PATH;
  if (given) return isExecutable(given) ? given : undefined;
  return ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']
    .map(onPath)
    .find((path) => path !== undefined);
}

function nodeIsNewEnough() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major > oldest[0] || (major === oldest[0] && minor >= oldest[1])) return true;
  console.error(
    `Sluice needs Node.js ${oldest.join('.')} or newer; this is ${process.versions.node} (${process.execPath}).\n` +
      'Install a newer one, for example from https://nodejs.org/en/download, and run the command again.',
  );
  return false;
}

/** True when what is installed is what the lock asks for, whoever installed it and however. */
function modulesAreCurrent() {
  const asked = packagesOf('package-lock.json');
  const installed = packagesOf('node_modules/.package-lock.json');
  return Object.entries(asked).every(([path, { version, optional, devOptional, link }]) => {
    const found = installed[path];
    if (path === '' || link) return true;
    return found ? found.version === version : optional === true || devOptional === true;
  });
}

function packagesOf(lockFile) {
  try {
    return JSON.parse(readFileSync(join(root, lockFile), 'utf8')).packages ?? {};
  } catch {
    return {};
  }
}

async function installModules() {
  if (!onPath('npm')) {
    console.error(
      'npm is missing. Install it (on Debian and Ubuntu it comes with Node.js) and run the command again.',
    );
    return false;
  }
  // Nothing we depend on needs its install script: binaries come inside the packages.
  const ok = await step('install packages (npm ci)', () =>
    run('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel', 'error']),
  );
  if (!ok)
    console.error('Packages could not be installed: see above. Check the network and run the command again.');
  return ok;
}

const browserForTests = {
  name: 'Chromium',
  packages: ['chromium', 'fonts-dejavu-core'],
  find: findChromium,
  otherwise: 'or set CHROMIUM_PATH to the program, or run only what needs no browser: npm test -- --unit',
};

/** Only its program: the tests start servers of their own, on free ports and in memory. */
const redisForTests = {
  name: 'redis-server',
  packages: ['redis-server'],
  find: () => onPath('redis-server'),
  otherwise: 'Version 7 or newer; a service that Debian starts with it is not used and may be switched off.',
};

const coturnForTests = {
  name: 'coturn',
  packages: ['coturn'],
  find: () => onPath('turnserver'),
  otherwise: 'Going on without it: tests of TURN relays are skipped.',
};

/** Installs one of the programs above through apt. Resolves with false after telling what the person has to do. */
async function installForTests({ name, packages, find, otherwise }) {
  const steps = [
    ['apt-get', 'update', '-q'],
    ['apt-get', 'install', '-y', '-q', '--no-install-recommends', ...packages],
  ];
  const advice = (why) => {
    console.error(
      `${why} Install it by hand and run the command again, for example:\n` +
        steps.map((words) => `  sudo ${words.join(' ')}\n`).join('') +
        otherwise,
    );
    return false;
  };
  if (!onPath('apt-get')) return advice(`The tests need ${name}, and there is no apt-get here.`);
  const isRoot = process.getuid?.() === 0;
  if (!isRoot && !(onPath('sudo') && (await run('sudo', ['-n', 'true'])).ok)) {
    return advice(`The tests need ${name}, and only root may install it.`);
  }
  for (const words of steps) {
    const [command, ...args] = isRoot ? words : ['sudo', '-n', ...words];
    const ok = await step(`install ${name} (${words.slice(0, 2).join(' ')})`, () =>
      run(command, args, { env: { DEBIAN_FRONTEND: 'noninteractive' } }),
    );
    if (!ok && words[1] === 'install') return advice(`${name} could not be installed: see above.`);
  }
  return find() !== undefined || advice(`${name} was installed, but is not on the PATH.`);
}

function onPath(name) {
  return (process.env.PATH ?? '')
    .split(delimiter)
    .map((folder) => join(folder, name))
    .find((path) => existsSync(path) && isExecutable(path));
}

function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

if (process.argv[1] === import.meta.filename) {
  const ok = await setup({ chromium: process.argv.includes('--chromium') });
  process.exitCode = ok ? 0 : 1;
}
