import { describe, expect, it } from 'vitest';
import { portalAddress, requestAddress } from './portal-address.ts';

const ip = { ip: '192.0.2.1', port: 8080, secure: true };

describe('portalAddress', () => {
  it.each([
    ['the ip address', ip, '192.0.2.1:8080', true],
    ['a host name before the ip address', { ...ip, hostname: 'edge' }, 'edge:8080', true],
    ['an IPv6 address in brackets', { ...ip, ip: '2001:db8::1' }, '[2001:db8::1]:8080', true],
    [
      'rest-api#20 via_host before all',
      { ...ip, hostname: 'h', viaHost: 'http://edge:80' },
      'edge:80',
      false,
    ],
    ['via_host with https', { ...ip, viaHost: 'https://edge.example/' }, 'edge.example', true],
  ])('gives %s', (_, settings, host, secure) => {
    expect(portalAddress(settings)).toEqual({ host, secure });
  });

  it.each(['edge:80', 'ftp://edge', 'http://', 'http://user@edge', 'http://edge:port'])(
    'refuses via_host %s',
    (viaHost) => {
      expect(() => portalAddress({ ...ip, viaHost })).toThrow(/Not an http/);
    },
  );
});

describe('the address a request came to', () => {
  it.each([
    ['http://localhost:3000/v1/rooms/1/tokens', 'localhost:3000', false],
    ['https://meet.example/tokens', 'meet.example:443', true],
    ['http://meet.example/tokens', 'meet.example:80', false],
    ['https://[fd00::2]:3004/tokens', '[fd00::2]:3004', true],
  ])('%s → %s', (url, host, secure) => {
    expect(requestAddress(url)).toEqual({ host, secure });
  });
});
