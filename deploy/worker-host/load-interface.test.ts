// Owns the proof that load is not measured at an interface that is not there.
import { expect, it } from 'vitest';
import { readSettings, SettingsError } from '../settings/settings.ts';
import { checkLoadInterface } from './load-interface.ts';

const named = (name: string) => readSettings(`[cluster]\nnetwork_name = "${name}"`, {});
const linux = (path: string) => ['/sys/class/net', '/sys/class/net/eth0'].includes(path);

it.each([
  ['', linux],
  ['eth0', linux],
  ['eth1', () => false],
])('takes %j', (name, exists) => {
  expect(() => checkLoadInterface(named(name), exists)).not.toThrow();
});

it('refuses one that this machine does not have', () => {
  expect(() => checkLoadInterface(named('eth1'), linux)).toThrow(SettingsError);
  expect(() => checkLoadInterface(named('eth1'), linux)).toThrow(
    'cluster.network_name: this machine has no interface eth1',
  );
});
