// Owns the proof that mistakes of an operator are told without a stack, and mistakes of ours with it.
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:tls';
import { expect, it } from 'vitest';
import { SluiceError } from '../../schemas/error.ts';
import { SettingsError } from '../settings/settings.ts';
import { startTrouble } from './start-trouble.ts';

async function failure(act: () => unknown): Promise<unknown> {
  try {
    await act();
    return undefined;
  } catch (error) {
    return error;
  }
}

it.each([
  ['a setting', () => Promise.reject(new SettingsError('a.b: no')), /^Configuration: a\.b: no$/],
  [
    'a setting in use',
    () => Promise.reject(new SluiceError('bad-request', 'no such interface')),
    /^Configuration: no such interface$/,
  ],
  [
    'a file that is not there',
    () => readFile('/no/such.pem'),
    /^Sluice cannot start: ENOENT.*\/no\/such\.pem'$/,
  ],
  [
    'a certificate that is none',
    () => createServer({ cert: 'junk', key: 'junk' }),
    /^Configuration: https\.cert and https\.key cannot be used \(.*\)/,
  ],
])('tells of %s in one line', async (_what, act, told) => {
  expect(startTrouble(await failure(act))).toMatch(told);
});

it.each([new TypeError('x is undefined'), new SluiceError('internal', 'broken'), 'no'])(
  'leaves %s with its stack',
  (error) => {
    expect(startTrouble(error)).toBeUndefined();
  },
);
