import { expect, it } from 'vitest';
import { completeHost } from './host-header.ts';

const authorization = 'MAuth realm=http://marte3.dit.upm.es,mauth_signature_method=HMAC_SHA256';

it.each([
  ['OWT’s REST client', { host: 'meet.example', authorization }, 'meet.example:3000'],
  ['OWT’s REST client, by address', { host: '[fd00::2]', authorization }, '[fd00::2]:3000'],
  ['a client that names the port', { host: 'meet.example:80', authorization }, 'meet.example:80'],
  ['a browser', { host: 'meet.example' }, 'meet.example'],
  ['another kind of credentials', { host: 'meet.example', authorization: 'Basic MAuth ' }, 'meet.example'],
  ['a proxy', { host: 'meet.example', authorization, 'x-forwarded-for': '192.0.2.1' }, 'meet.example'],
  ['a proxy of today', { host: 'meet.example', authorization, forwarded: 'for=192.0.2.1' }, 'meet.example'],
  ['a client without a Host header', { authorization }, undefined],
])('the host of a request by %s', (_, headers, host) => {
  expect(completeHost(headers, 3000)).toBe(host);
});

it('without a listener’s port stays as it is', () => {
  expect(completeHost({ host: 'meet.example', authorization }, undefined)).toBe('meet.example');
});
