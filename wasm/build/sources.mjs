// Owns getting the pinned sources: a private apt configuration with deb-src (the system's own files stay as they are),
// tarballs checked against the recipe's sha256, unpacked and with the distribution's patches applied.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolder, recipe } from './recipe.mjs';
import { run, step } from './run.mjs';

const systemSources = '/etc/apt';
const archive = 'http://deb.debian.org/debian';
const keyring = '/usr/share/keyrings/debian-archive-keyring.gpg';

/** Brings every tarball of the recipe into the cache; free when they are there. */
export async function fetchSources() {
  const downloads = join(cacheFolder(), 'downloads');
  mkdirSync(downloads, { recursive: true });
  const wanted = Object.entries(recipe.sources).flatMap(([name, source]) =>
    [source, source.patches].filter(Boolean).map(({ tarball, sha256 }) => ({
      package: `${name}=${source.version}`,
      tarball,
      sha256,
      path: join(downloads, tarball),
    })),
  );
  const missing = wanted.filter(({ path, sha256 }) => !existsSync(path) || digest(path) !== sha256);
  if (missing.length === 0) return;
  const apt = await step('read the package lists of Debian sources', () => privateApt());
  for (const file of missing) {
    await step(`fetch ${file.tarball}`, () => fetchOne(apt, file));
  }
}

/** Unpacks one source of the recipe into `folder`; resolves with the path of its tree. */
export async function unpack(name, folder) {
  const source = recipe.sources[name];
  const downloads = join(cacheFolder(), 'downloads');
  const tree = join(folder, source.folder);
  // What an interrupted build left would be patched twice.
  rmSync(tree, { recursive: true, force: true });
  await run('tar', ['xf', join(downloads, source.tarball), '-C', folder]);
  if (source.patches) {
    await run('tar', ['xf', join(downloads, source.patches.tarball), '-C', tree]);
    const series = readFileSync(join(tree, 'debian/patches/series'), 'utf8');
    for (const patch of series.split('\n').filter((line) => line && !line.startsWith('#'))) {
      await run('patch', ['-p1', '-s', '-N', '-i', join('debian/patches', patch)], { cwd: tree });
    }
  }
  return tree;
}

async function fetchOne(apt, { package: pinned, tarball, sha256, path }) {
  const listed = await run('apt-get', [...apt, '--print-uris', 'source', pinned]);
  const uri = listed
    .split('\n')
    .map((line) => /^'([^']+)' (\S+) /.exec(line))
    .find((match) => match?.[2] === tarball)?.[1];
  if (!uri) throw new Error(`${pinned} has no file ${tarball}:\n${listed}`);
  const part = `${path}.${process.pid}.part`;
  await run('/usr/lib/apt/apt-helper', [...apt, 'download-file', uri, part, `SHA256:${sha256}`]);
  // The sum of the recipe decides, whatever the tool says.
  if (digest(part) !== sha256) throw new Error(`${uri} is not the file that the recipe names`);
  renameSync(part, path);
}

/** Options that make apt read source packages from our folders only. */
async function privateApt() {
  const folder = join(cacheFolder(), 'apt');
  for (const name of ['parts', 'lists/partial', 'archives/partial']) {
    mkdirSync(join(folder, name), { recursive: true });
  }
  const suites = [...new Set(Object.values(recipe.sources).map(({ suite }) => suite))];
  writeFileSync(
    join(folder, 'parts/sluice.sources'),
    `Types: deb-src\nURIs: ${mirror(suites)}\nSuites: ${suites.join(' ')}\nComponents: main\n` +
      (existsSync(keyring) ? `Signed-By: ${keyring}\n` : ''),
  );
  const options = {
    'Dir::Etc::sourcelist': '/dev/null',
    'Dir::Etc::sourceparts': join(folder, 'parts'),
    'Dir::State::Lists': join(folder, 'lists'),
    'Dir::Cache': folder,
    'Acquire::Languages': 'none',
    // The cache may be in a home that apt's own user cannot enter.
    'APT::Sandbox::User': 'root',
  };
  const apt = Object.entries(options).flatMap(([key, value]) => ['-o', `${key}=${value}`]);
  try {
    await run('apt-get', [...apt, 'update', '-q']);
  } catch (error) {
    rmSync(join(folder, 'lists'), { recursive: true, force: true });
    throw error;
  }
  return apt;
}

/** The mirror that the system itself uses for Debian, so that proxies and local mirrors keep working. */
function mirror(suites) {
  const files = ['sources.list', ...list('sources.list.d')].map((name) => join(systemSources, name));
  for (const file of files.filter((path) => existsSync(path))) {
    const text = readFileSync(file, 'utf8');
    for (const stanza of text.split(/\n\s*\n/)) {
      const [, found] = /^URIs:\s*(\S+)/m.exec(stanza) ?? [];
      const [, names = ''] = /^Suites:\s*(.+)$/m.exec(stanza) ?? [];
      if (found && names.split(/\s+/).some((name) => suites.includes(name))) return found;
    }
    for (const line of text.split('\n')) {
      const [, found, name] = /^deb\s+(?:\[[^\]]*\]\s+)?(\S+)\s+(\S+)/.exec(line) ?? [];
      if (found && suites.includes(name)) return found;
    }
  }
  return archive;
}

function list(folder) {
  const path = join(systemSources, folder);
  if (!existsSync(path)) return [];
  return readdirSync(path)
    .filter((name) => /\.(list|sources)$/.test(name))
    .sort()
    .map((name) => join(folder, name));
}

const digest = (path) => createHash('sha256').update(readFileSync(path)).digest('hex');
