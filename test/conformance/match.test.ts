// Owns the proof that checks find their tests by id and nothing else.
import { expect, it } from 'vitest';
import { matchChecks, type TestResult, unknownIds } from './match.ts';

const lists = { rest: Array.from({ length: 12 }, (_, i) => `check ${i + 1}`) };
const status = (tests: readonly TestResult[], id: string): string | undefined =>
  matchChecks(lists, tests).find((check) => check.id === id)?.status;

it('takes a check without a test, and one whose tests did not run, for missing', () => {
  expect(status([], 'rest#1')).toBe('missing');
  expect(status([{ name: 'rest#1 x', status: 'skipped' }], 'rest#1')).toBe('missing');
});

it('fails a check when one of its tests fails', () => {
  const tests: TestResult[] = [
    { name: 'a rest#2 x', status: 'passed' },
    { name: 'rest#2 y', status: 'failed' },
  ];
  expect(status(tests, 'rest#2')).toBe('failed');
  expect(status(tests.slice(0, 1), 'rest#2')).toBe('passed');
});

it('does not take #12 for #1', () => {
  expect(status([{ name: 'rest#12 x', status: 'passed' }], 'rest#1')).toBe('missing');
});

it('counts one test for every check it names', () => {
  const tests: TestResult[] = [{ name: 'rest#3 rest#4 x', status: 'passed' }];
  expect([status(tests, 'rest#3'), status(tests, 'rest#4')]).toEqual(['passed', 'passed']);
});

it('names ids that no list has', () => {
  expect(unknownIds(lists, [{ name: 'rest#13 rest#12 other#1', status: 'passed' }])).toEqual(['rest#13']);
});
