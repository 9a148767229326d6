// Owns the proof that tokens carry the configured address.
import { expect, it } from 'vitest';
import { firstAddress, publicAddress } from './public-address.ts';
import { readSettings } from './settings.ts';

const ports = { httpPort: 3000, httpsPort: 3004 };

it.each([
  ['', { host: `${firstAddress()}:3004`, secure: true }],
  ['[public]\nhostname = "meet.example"', { host: 'meet.example:3004', secure: true }],
  ['[public]\nhostname = "meet.example"\nsecure = false', { host: 'meet.example:3000', secure: false }],
  ['[http]\nhost = "127.0.0.1"', { host: '127.0.0.1:3000', secure: false }],
  ['[public]\nvia_host = "http://edge:80"\nhostname = "meet.example"', { host: 'edge:80', secure: false }],
])('cluster#21 rest-api#20 %j', (toml, address) => {
  expect(publicAddress(readSettings(toml, {}), ports)).toEqual(address);
});
