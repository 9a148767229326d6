// Owns `npm run build:native`: builds the addon against the machine's libraries, into the cache and into build/native.
// Free when nothing changed. `--is-current` only answers, as exit code (0: yes; 1: a build would do something; 2: it cannot
// be built here); `--missing` prints the Debian packages that everything would need besides; `--sanitize` and `--strict`:
// recipe.mjs.
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { compile } from './compile.mjs';
import { cacheFolder, hashOf, installFolder, sourceHash, variantOf } from './recipe.mjs';
import { hasLibyuv, look, packages } from './toolchain.mjs';

const manifestName = 'manifest.json';
const keptMs = 3 * 24 * 60 * 60 * 1000;

/** What the installed build was made of; undefined when there is none. */
function installed(variant) {
  try {
    const manifest = JSON.parse(readFileSync(join(installFolder(variant), manifestName), 'utf8'));
    return manifest.binaries.every((name) => existsSync(join(installFolder(variant), name)))
      ? manifest
      : undefined;
  } catch {
    return undefined;
  }
}

const buildHash = (tools, variant) => hashOf([sourceHash(), tools.text, variant.sanitizers]);

/** A build stays good on a machine that has no compiler any more. */
function isCurrent(tools, variant) {
  const manifest = installed(variant);
  if (manifest === undefined) return false;
  return tools.canBuild ? manifest.hash === buildHash(tools, variant) : manifest.source === sourceHash();
}

async function build(tools, variant) {
  if (!(await canBuild(tools))) throw new Error(advice(await missing(tools)));
  const hash = buildHash(tools, variant);
  const cached = join(cacheFolder(), hash);
  if (!existsSync(join(cached, manifestName))) {
    const part = `${cached}.${process.pid}.part`;
    try {
      mkdirSync(part, { recursive: true });
      const objects = join(cacheFolder(), `objects-${variant.sanitizers || 'plain'}`);
      const binaries = await compile({ tools, variant, objects, out: part });
      const manifest = { hash, source: sourceHash(), tools: tools.text, binaries };
      writeFileSync(join(part, manifestName), `${JSON.stringify(manifest, undefined, 2)}\n`);
      rmSync(cached, { recursive: true, force: true });
      renameSync(part, cached);
      forgetOld(cacheFolder());
      forgetOld(objects);
    } finally {
      rmSync(part, { recursive: true, force: true });
    }
  }
  install(cached, installFolder(variant));
}

/** What was built days ago; never what another build may be using now. */
function forgetOld(folder) {
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    const ageMs = Date.now() - statSync(path).mtimeMs;
    if (!name.startsWith('objects') && ageMs > keptMs) rmSync(path, { recursive: true, force: true });
  }
}

/**
 * The manifest goes last: who sees it sees whole binaries. A binary in use is replaced, not written into. One of an earlier
 * build that this one does not have would be loaded first.
 */
function install(cached, folder) {
  mkdirSync(folder, { recursive: true });
  const { binaries } = JSON.parse(readFileSync(join(cached, manifestName), 'utf8'));
  for (const name of readdirSync(folder)) {
    if (name.endsWith('.node') && !binaries.includes(name)) rmSync(join(folder, name), { force: true });
  }
  for (const name of [...binaries, manifestName]) {
    const part = join(folder, `${name}.${process.pid}.part`);
    copyFileSync(join(cached, name), part);
    renameSync(part, join(folder, name));
  }
}

async function canBuild(tools) {
  return tools.canBuild && (await hasLibyuv());
}

/** Debian's packages; libyuv's is known only where there is a compiler to ask. */
async function missing(tools) {
  return [...tools.missing, ...(!tools.missing.includes('g++') && (await hasLibyuv()) ? [] : ['libyuv-dev'])];
}

function advice(wanted) {
  return (
    `The native engine needs what is not here (${wanted.join(', ')}). On Debian and Ubuntu run\n` +
    `  sudo apt-get update && sudo apt-get install --no-install-recommends ${packages.join(' ')}\n` +
    'and then npm run build:native again. Without it the WebAssembly engine does everything.'
  );
}

/** What is in, and what more could be. */
function summary(tools, variant, began) {
  const { binaries } = installed(variant) ?? { binaries: [] };
  const without = tools.missing.length > 0 ? `; more with ${tools.missing.join(', ')}` : '';
  return `build:native: ${binaries.join(', ')} (${Math.round((Date.now() - began) / 1000)} s)${without}`;
}

const args = process.argv.slice(2);
const began = Date.now();
try {
  const variant = variantOf(args);
  const tools = look();
  if (args.includes('--missing')) console.log((await missing(tools)).join(' '));
  else if (args.includes('--is-current')) {
    process.exitCode = isCurrent(tools, variant) ? 0 : (await canBuild(tools)) ? 1 : 2;
  } else if (isCurrent(tools, variant)) console.log('build:native: nothing changed');
  else {
    await build(tools, variant);
    console.log(summary(tools, variant, began));
  }
} catch (error) {
  console.error(`build:native: ${error instanceof Error ? error.message : error}`);
  process.exitCode = 1;
}
