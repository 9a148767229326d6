// Between whom a relay stands.
import { expect, it } from 'vitest';
import { readListen } from './relay-settings.ts';
import { readSettings } from './settings.ts';

it.each([
  ['127.0.0.1:6380', { host: '127.0.0.1', port: 6380 }],
  ['[::1]:0', { host: '::1', port: 0 }],
  ['relay.internal:1', { host: 'relay.internal', port: 1 }],
  ['6380', undefined],
  ['::1:6380', undefined],
  ['host:65536', undefined],
  ['', undefined],
])('listening at %j', (text, where) => expect(readListen(text)).toEqual(where));

it('comes from the file and from the environment, which wins', () => {
  const file = '[relay]\nto = "redis://a:1"\nlisten = "127.0.0.1:7000"';
  expect(readSettings(file, { SLUICE_RELAY_TO: 'rediss://:pw@b:2' }).relay).toEqual({
    to: 'rediss://:pw@b:2',
    listen: '127.0.0.1:7000',
    password: '',
  });
});

it.each([
  ['[relay]\nto = "redis-cluster://a:1"', 'single Redis'],
  ['[relay]\nto = "redis://a:1/3"', 'must not name a database'],
  ['[relay]\nlisten = "6380"', 'must be like'],
  ['[relay]\nlisten = "0.0.0.0:6380"', 'relay.password is missing'],
])('%j cannot be used, and it is said why', (file, why) => expect(() => readSettings(file, {})).toThrow(why));

it('off this machine a relay has a password', () => {
  const file = '[relay]\nlisten = "0.0.0.0:6380"';
  expect(readSettings(file, { SLUICE_RELAY_PASSWORD: 'hunter2' }).relay.password).toBe('hunter2');
});
