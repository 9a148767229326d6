// Owns `npm test`: set-up, checks, unit tests, end-to-end tests and a short fuzz, closing with one line of totals.
// `--unit` runs the quick part (checks and unit tests), which needs no browser.
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { relative } from 'node:path';
import { check } from './check.mjs';
import { run, step } from './progress.mjs';
import { findChromium, setup } from './setup.mjs';

const quick = process.argv.includes('--unit');
const fuzzSeconds = 20;
const began = Date.now();
const totals = { passed: 0, failed: 0, skipped: 0 };
/** What failed, by name: told again at the end, where a reader of a long log looks first. */
const failures = [];

const count = (name, ok) => {
  if (ok) {
    totals.passed++;
  } else {
    totals.failed++;
    failures.push(name);
  }
};

/** Tests of the edge that touch what differs on Deno: sockets, files, real Redis. All of them: npm run test:deno. */
const onDeno = ['edge/platform/ports.test.ts', 'edge/platform/node', 'edge/portal', 'edge/management'];

/** Runs vitest, showing it, and adds what its report counts. */
async function vitest(name, [command, ...args]) {
  const report = `test/results/${name}.json`;
  rmSync(report, { force: true });
  console.log(`\n${name} tests`);
  const { ok } = await run(
    command,
    [...args, ...['--reporter', 'default', '--reporter', 'json', '--outputFile.json', report]],
    { quiet: false, env: { CHROMIUM_PATH: findChromium() ?? '' } },
  );
  const before = totals.failed;
  try {
    const { numPassedTests, numFailedTests, numPendingTests, numTodoTests, testResults } = JSON.parse(
      readFileSync(report, 'utf8'),
    );
    totals.passed += numPassedTests;
    totals.skipped += numPendingTests + numTodoTests;
    // A file that could not even be loaded has no tests to count, but is a failure.
    const unloaded = testResults.filter(
      (file) => file.status === 'failed' && file.assertionResults.length === 0,
    );
    totals.failed += numFailedTests + unloaded.length;
    for (const { name: path, assertionResults } of testResults) {
      const file = relative(process.cwd(), path);
      if (unloaded.some((each) => each.name === path)) failures.push(`${file} (not loaded)`);
      for (const test of assertionResults)
        if (test.status === 'failed') failures.push(`${file} > ${test.fullName}`);
    }
  } catch (error) {
    console.log(`no report of the ${name} tests: ${error}`);
    count(`${name} tests (no report)`, false);
  }
  // Errors outside any test fail the run without being counted in it.
  if (!ok && totals.failed === before) count(`${name} tests (outside of any test)`, false);
}

console.log('set-up');
if (!(await setup({ chromium: !quick, codecs: !quick, redis: true, coturn: !quick, native: !quick }))) {
  console.log('0 passed, 1 failed');
  process.exit(1);
}
mkdirSync('test/results', { recursive: true });

const e2e = (project) =>
  vitest(`e2e-${project}`, [
    'node_modules/.bin/vitest',
    ...['run', '--config', 'vitest.e2e.config.ts', '--project', project],
  ]);

async function fuzz() {
  const args = ['deploy/run.mjs', 'test/fuzz/main.ts', '--seconds', String(fuzzSeconds)];
  count('fuzz', await step(`fuzz (${fuzzSeconds} s)`, () => run(process.execPath, args)));
}

/** What may take its time: it has the first right to the processors, and the checks what it leaves. */
async function patientTests() {
  await vitest('unit', ['node_modules/.bin/vitest', 'run', '--config', 'vitest.config.ts']);
  if (quick) return;
  await vitest('deno', [process.execPath, 'deploy/run.mjs', 'test/deno/main.ts', ...onDeno]);
  await Promise.all([e2e('patient'), fuzz()]);
}

console.log('\nchecks, beside the tests that can wait');
const testing = patientTests();
const { failed, passed } = await check(testing);
await testing;
totals.passed += passed.length;
totals.failed += failed.length;
failures.push(...failed.map((name) => `check: ${name}`));

if (!quick) {
  // These have the machine to themselves.
  await e2e('measuring');
}

console.log(`\n${Math.round((Date.now() - began) / 1000)} s`);
for (const name of failures) console.log(`failed: ${name}`);
const skipped = totals.skipped > 0 ? `, ${totals.skipped} skipped` : '';
console.log(`${totals.passed} passed, ${totals.failed} failed${skipped}`);
process.exitCode = totals.failed === 0 ? 0 : 1;
