// Owns the making of bad join tokens for tests: altered ones, and ones that only somebody with the server's keys could make.
import * as v from 'valibot';
import { tokenPayloadSchema, type TokenClaims, type TokenPayload } from '../../schemas/management.ts';
import type { Directory } from '../store/directory.ts';
import type { Key } from '../store/key-ring.ts';
import { idBytes, sealClaims } from './sealed-claims.ts';
import { sign } from './signature.ts';
import { fromBase64, toBase64 } from './text-codec.ts';

export function read(token: string): TokenPayload {
  return v.parse(tokenPayloadSchema, JSON.parse(fromBase64(token)));
}

/** Any JSON as a token; a text is taken as JSON. */
export function asToken(value: unknown): string {
  return toBase64(typeof value === 'string' ? value : JSON.stringify(value));
}

/** A token with other members; `undefined` leaves one out. */
export function edited(token: string, change: Readonly<Record<string, unknown>>): string {
  return asToken({ ...read(token), ...change });
}

/** The three parts of a token's id. */
export function partsOf(token: string): readonly [unique: string, key: string, sealed: string] {
  const [unique = '', key = '', sealed = ''] = read(token).tokenId.split('.');
  return [unique, key, sealed];
}

export async function tokenKey(directory: Directory): Promise<Key> {
  return (await directory.keys('token', () => 'made by the forger')).current;
}

/** A token of that id, signed as the server does. */
export async function signed(key: Key, tokenId: string, host = 'h:1', secret = key.secret): Promise<string> {
  return asToken({
    tokenId,
    host,
    secure: false,
    signature: await sign(secret, `${tokenId},${host},undefined`),
  });
}

let count = 0;

/** A token that the server itself could have made, whatever it says, of whatever shape. */
export async function minted(
  key: Key,
  claims: Readonly<Record<keyof TokenClaims, unknown>>,
): Promise<string> {
  count += 1;
  const unique = new Uint8Array(idBytes);
  new DataView(unique.buffer).setUint32(0, count);
  return signed(key, await sealClaims(key, unique, claims));
}
