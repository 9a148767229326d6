// Owns the proof that a mistyped argument is told in one line.
import { expect, it } from 'vitest';
import { readOptions } from './read-options.ts';
import { SettingsError } from './settings.ts';

const options = { config: { type: 'string' }, json: { type: 'boolean' } } as const;

it('reads what is given', () => {
  expect(readOptions(options, ['--config', 'a.toml'])).toEqual({ config: 'a.toml' });
});

it.each([
  [['--confg', 'a.toml'], "Unknown option '--confg'; there are --config, --json"],
  [['--config'], "Option '--config <value>' argument missing; there are --config, --json"],
  [['a.toml'], "Unexpected argument 'a.toml'"],
])('refuses %j', (args, message) => {
  expect(() => readOptions(options, args)).toThrow(SettingsError);
  expect(() => readOptions(options, args)).toThrow(message);
});
