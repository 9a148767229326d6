// Owns `npm run test:native`: the tests of the native engine with the addon built for sanitizers, `address,undefined`
// unless `--sanitize thread` asks for the other kind. Node itself was built without, so reports that name neither the addon
// nor a library below it are of no interest; all others are failures, leaks at the end of the process too. Other words are
// test files for vitest.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { installFolder, variantOf } from './recipe.mjs';
import { compiler } from './toolchain.mjs';

const root = join(import.meta.dirname, '../..');
const ours = /media-(cpu|va)\.node|sluice::|\/lib(av|vpx|openh264|x26|va|drm|yuv|dav1d|aom)[\w-]*\.so/;
/** x265 3.5 loses some of its settings for each encoder; it is used only where the operator names it. */
const known = /leak of [^]*libx265\.so/;
const runtimes = { address: 'libasan.so', undefined: 'libubsan.so', thread: 'libtsan.so' };

const given = process.argv.slice(2);
const args = given.includes('--sanitize') ? given : ['--sanitize', 'address,undefined', ...given];
const variant = variantOf(args);
const at = args.indexOf('--sanitize');
const files = [...args.slice(0, at), ...args.slice(at + 2)];
const tests = files.length > 0 ? files : ['native/'];

/** Where reports go, one file for each process. */
const folder = mkdtempSync(join(tmpdir(), 'sluice-sanitize-'));
try {
  execFileSync(process.execPath, [join(import.meta.dirname, 'main.mjs'), '--sanitize', variant.sanitizers], {
    stdio: 'inherit',
  });
  const { status } = spawnSync(
    process.execPath,
    // In threads of one process, whose end is looked at: a fork would be killed before it tells of leaks. One after the
    // other, for the tests count what lives in the process.
    [
      join(root, 'node_modules/vitest/vitest.mjs'),
      'run',
      '--pool',
      'threads',
      '--no-file-parallelism',
      '--testTimeout',
      '300000',
      ...tests,
    ],
    { cwd: root, stdio: 'inherit', env: { ...process.env, ...environment(folder) } },
  );
  const reports = readdirSync(folder).flatMap((name) => reportsOf(readFileSync(join(folder, name), 'utf8')));
  const wanted = reports.filter((report) => isOurs(report) && !known.test(report));
  for (const report of wanted) console.error(`${report}\n`);
  console.log(
    `test:native: ${variant.sanitizers}: ${wanted.length} reports about the addon, ` +
      `${reports.length - wanted.length} about Node and known ones; tests ${status === 0 ? 'passed' : 'failed'}`,
  );
  process.exitCode = status === 0 && wanted.length === 0 ? 0 : 1;
} catch (error) {
  console.error(`test:native: ${error instanceof Error ? error.message : error}`);
  process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/**
 * Of a race, only what touches the memory counts: Node passes messages between threads with JavaScript, so ours, somewhere
 * below.
 */
function isOurs(report) {
  if (!/data race/.test(report)) return ours.test(report);
  const touches = report
    .split('\n\n')
    .filter((part) => /^\s*(?:.*\n)?\s*(?:Previous )?(?:atomic )?(?:read|write) of size/im.test(part));
  return touches.some((part) => {
    const frames = part.split('\n').filter((line) => /^\s*#\d+ /.test(line));
    return ours.test(frames.find((frame) => !frame.includes('libtsan.so')) ?? '');
  });
}

function environment(reports) {
  const names = variant.sanitizers.split(',');
  const preload = names.map((name) =>
    execFileSync(compiler, [`-print-file-name=${runtimes[name] ?? ''}`], { encoding: 'utf8' }).trim(),
  );
  // A report of ours is judged afterwards; Node's own must not end the tests.
  const common = `log_path=${join(reports, 'report')}:halt_on_error=0:exitcode=0`;
  return {
    LD_PRELOAD: preload.join(':'),
    SLUICE_NATIVE_DIR: installFolder(variant),
    ASAN_OPTIONS: `${common}:detect_leaks=1`,
    UBSAN_OPTIONS: `${common}:print_stacktrace=1`,
    TSAN_OPTIONS: `${common}:report_signal_unsafe=0`,
  };
}

/** Single reports of a sanitizer's log; for leaks, each of them. */
function reportsOf(log) {
  return log
    .split(/^=+$|\n(?=(?:Direct|Indirect) leak of )|\n(?=\S+: runtime error: )/m)
    .filter((part) => /ERROR: |WARNING: |leak of |runtime error: /.test(part))
    .map((part) => part.trim());
}
