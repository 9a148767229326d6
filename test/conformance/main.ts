// Owns `npm run conformance`: runs the tests that name an acceptance check and prints each check with its tests and
// their result. `--last` prints the results of the last `npm test` or `npm run conformance` without running anything.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, statSync } from 'node:fs';
import * as v from 'valibot';
import { cluster } from './checks/cluster.ts';
import { portalProtocol } from './checks/portal-protocol.ts';
import { restApi } from './checks/rest-api.ts';
import { roomModel } from './checks/room-model.ts';
import { type CheckResult, matchChecks, type TestResult, unknownIds } from './match.ts';

const lists = { 'portal-protocol': portalProtocol, 'rest-api': restApi, 'room-model': roomModel, cluster };
const suites = [
  { name: 'unit', config: 'vitest.config.ts', inTest: ['unit'] },
  { name: 'e2e', config: 'vitest.e2e.config.ts', inTest: ['e2e-patient', 'e2e-measuring'] },
] as const;

const reportSchema = v.object({
  testResults: v.array(
    v.object({ assertionResults: v.array(v.object({ fullName: v.string(), status: v.string() })) }),
  ),
});

function readResults(file: string): readonly TestResult[] {
  const report = v.parse(reportSchema, JSON.parse(readFileSync(file, 'utf8')));
  return report.testResults.flatMap(({ assertionResults }) =>
    assertionResults.map(({ fullName, status }) => ({
      name: fullName,
      status: status === 'passed' || status === 'failed' ? status : 'skipped',
    })),
  );
}

function results(suite: (typeof suites)[number], last: boolean): readonly TestResult[] {
  const ownFile = `test/results/${suite.name}-conformance.json`;
  if (last) {
    const ofTest = suite.inTest.map((name) => `test/results/${name}.json`);
    const writtenAt = (file: string) => statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
    const isOwnNewer = writtenAt(ownFile) > Math.max(...ofTest.map(writtenAt));
    return (isOwnNewer ? [ownFile] : ofTest).filter((file) => writtenAt(file) > 0).flatMap(readResults);
  }
  console.log(`running the ${suite.name} tests that name a check …`);
  mkdirSync('test/results', { recursive: true });
  spawnSync(
    'node_modules/.bin/vitest',
    [
      ...['run', '--config', suite.config, '--passWithNoTests'],
      ...['-t', `(${Object.keys(lists).join('|')})#[0-9]`],
      ...['--reporter', 'json', '--outputFile', ownFile],
    ],
    { stdio: ['ignore', 'ignore', 'inherit'] },
  );
  return readResults(ownFile);
}

function print({ id, text, status, tests }: CheckResult): void {
  const mark = { passed: 'passed ', failed: 'FAILED ', missing: '-      ' }[status];
  console.log(`${mark} ${id.padEnd(19)} ${text}`);
  for (const test of tests) console.log(`${' '.repeat(28)}${test.status}: ${test.name}`);
}

const last = process.argv.includes('--last');
const tests = suites.flatMap((suite) => results(suite, last));
const checks = matchChecks(lists, tests);
for (const check of checks) print(check);
for (const id of unknownIds(lists, tests)) console.log(`a test names ${id}, which is no check`);
const count = (status: CheckResult['status']): number =>
  checks.filter((check) => check.status === status).length;
console.log(`${count('passed')} passed, ${count('failed')} failed, ${count('missing')} missing`);
process.exitCode = count('failed') === 0 ? 0 : 1;
