// Owns the proof that tokens carry the configured address.
import { expect, it } from 'vitest';
import { firstAddress, isAddressGiven, publicAddress } from './public-address.ts';
import { readSettings } from '../settings/settings.ts';

const ports = { httpPort: 3000, httpsPort: 3004 };

it.each([
  ['', { host: `${firstAddress()}:3004`, secure: true }],
  ['[public]\nhostname = "meet.example"', { host: 'meet.example:3004', secure: true }],
  ['[public]\nhostname = "meet.example"\nsecure = false', { host: 'meet.example:3000', secure: false }],
  ['[http]\nhost = "127.0.0.1"', { host: '127.0.0.1:3000', secure: false }],
  ['[public]\nvia_host = "http://edge:80"\nhostname = "meet.example"', { host: 'edge:80', secure: false }],
  ['[public]\nip_address = "$PORTAL_IP"', { host: '203.0.113.9:3004', secure: true }],
  [
    '[public]\nip_address = "$PORTAL_IP"\nhostname = "meet.example"',
    { host: 'meet.example:3004', secure: true },
  ],
  [
    '[public]\nip_address = "$PORTAL_IP"\nhostname = "meet.example"\nvia_host = "$PROXY"',
    { host: 'edge:80', secure: false },
  ],
  ['[public]\nnetwork_interface = "lo"', { host: '127.0.0.1:3004', secure: true }],
  ['[public]\nnetwork_interface = "lo"\nip_address = "::1"', { host: '[::1]:3004', secure: true }],
])('cluster#21 rest-api#20 %j', (toml, address) => {
  const settings = readSettings(toml, { PORTAL_IP: '203.0.113.9', PROXY: 'http://edge:80' });
  expect(publicAddress(settings, ports)).toEqual(address);
});

it.each([
  ['', false],
  ['[public]\nip_address = "192.0.2.1"', true],
  ['[public]\nnetwork_interface = "lo"', true],
  ['[public]\nsecure = false', true],
])('%j gives an address: %s', (toml, given) => {
  expect(isAddressGiven(readSettings(toml, {}))).toBe(given);
});

it('says which variable or interface is missing', () => {
  expect(() => readSettings('[public]\nip_address = "$PORTAL_IP"', {})).toThrow(
    /public.ip_address: .*PORTAL_IP/,
  );
  const settings = readSettings('[public]\nnetwork_interface = "none0"', {});
  expect(() => publicAddress(settings, ports)).toThrow(/none0/);
});
