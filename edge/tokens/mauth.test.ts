import { describe, expect, it } from 'vitest';
import { parseMAuth, verifyMAuth } from './mauth.ts';

const key = 'testServiceKey==';
const plain =
  'MAuth realm=http://marte3.dit.upm.es,mauth_signature_method=HMAC_SHA256,mauth_serviceid=5f1e9c2ab7d8e90012ab34cd,' +
  'mauth_cnonce=0011223344556677,mauth_timestamp=1700000000000,' +
  'mauth_signature=NjRiNzlhYmI0MGNmNGU5OWUwZTYwODcyNzYyNDY5ZTYyZDUxOGQyNDJjNjUyOWIwNmU1ZGIwNzkwZGUyNTkxNg==';
const named =
  'MAuth realm=http://marte3.dit.upm.es,mauth_signature_method=HMAC_SHA256,mauth_username=YWxpY2U=,' +
  'mauth_role=presenter,mauth_serviceid=5f1e9c2ab7d8e90012ab34cd,mauth_cnonce=0011223344556677,' +
  'mauth_timestamp=1700000000000,' +
  'mauth_signature=ZDYzN2NiNTU5NGY2NDFhN2NjNGRhMmFmY2QzZmUyZTZjMDdlMjIyMzMxZWMwZWY5NGJiOGQzZWFhMzA3NWIwOA==';

async function verifies(header: string, withKey = key): Promise<boolean> {
  const claims = parseMAuth(header);
  return claims !== undefined && verifyMAuth(claims, withKey);
}

describe('MAuth', () => {
  it('rest-api#1 verifies both vectors of the specification', async () => {
    expect(await verifies(plain)).toBe(true);
    expect(await verifies(named)).toBe(true);
    expect(parseMAuth(named)).toMatchObject({
      service: '5f1e9c2ab7d8e90012ab34cd',
      timestamp: '1700000000000',
      nonce: '0011223344556677',
      username: 'alice',
      role: 'presenter',
    });
  });

  it.each([
    ['nonce', named.replace('0011223344556677', '0011223344556678'), key],
    ['timestamp', named.replace('1700000000000', '1700000000001'), key],
    ['user name', named.replace('YWxpY2U=', 'YWxpY2V='), key],
    ['role', named.replace('presenter', 'presentes'), key],
    ['signature', named.replace('ZDYzN2', 'ZDYzN3'), key],
    ['key', named, 'testServiceKey=!'],
    ['key, now empty', named, ''],
  ])('rest-api#1 one changed character of the %s fails', async (_, header, withKey) => {
    expect(await verifies(header, withKey)).toBe(false);
  });

  it('rest-api#3 accepts the parts in any order, but no other method', async () => {
    const [scheme = '', ...parts] = named.split(/ |,/);
    expect(await verifies(`${scheme} ${parts.reverse().join(',')}`)).toBe(true);
    expect(parseMAuth(named.replace('HMAC_SHA256', 'HMAC_SHA1'))).toBeUndefined();
  });

  it('forgives spaces and quotes', async () => {
    const [scheme = '', ...parts] = named.split(/ |,/);
    const quoted = parts.map((part) => part.replace(/=(.*)$/, ' = "$1" '));
    expect(await verifies(`${scheme.toLowerCase()}   ${quoted.join(' , ')}`)).toBe(true);
  });

  it('leaves user and role out of the signature unless both are there', () => {
    const alone = parseMAuth(named.replace('mauth_role=presenter,', ''));
    expect(alone).toMatchObject({ signed: '1700000000000,0011223344556677', username: 'alice' });
    expect(alone).not.toHaveProperty('role');
  });

  it.each([
    ['absent', undefined],
    ['empty', ''],
    ['of another scheme', plain.replace('MAuth', 'Bearer')],
    ['without scheme', plain.replace('MAuth ', '')],
    ['without nonce', plain.replace(/mauth_cnonce=\d+,/, '')],
    ['without signature', plain.replace(/mauth_signature=.*/, '')],
    ['with a part twice', `${plain},mauth_timestamp=1`],
    ['of 100 kB', `${plain},x=${'y'.repeat(100_000)}`],
  ])('does not understand a header that is %s', (_, header) => {
    expect(parseMAuth(header)).toBeUndefined();
  });
});
