// Owns the id of a join token: `<24 hex digits>.<key id>.<sealed claims>`, the claims encrypted by a key derived from the
// server's, with those digits as their vector: under other digits they do not open. Which key, and whether the claims still
// hold, is decided in tokens.ts.
import * as v from 'valibot';
import { tokenClaimsSchema, type TokenClaims } from '../../schemas/management.ts';
import type { Key } from '../store/key-ring.ts';
import { fromBase64Url, fromHex, toBase64Url, toHex } from './text-codec.ts';

/** The random part of an id. It is the initialization vector too: AES-GCM wants 12 bytes that never come again. */
export const idBytes = 12;

const utf8 = new TextEncoder();
const derived = new WeakMap<Key, ReturnType<typeof derive>>();

/**
 * The id of a new token. `unique` are `idBytes` random bytes, never used before. That the claims are TokenClaims is checked
 * when they are opened.
 */
export async function sealClaims(
  key: Key,
  unique: Uint8Array,
  claims: Readonly<Record<keyof TokenClaims, unknown>>,
): Promise<string> {
  const { user, role, room, service, origin, issuedAt } = claims;
  const text = JSON.stringify({ user, role, room, service, origin, issuedAt });
  const sealed = await crypto.subtle.encrypt(algorithm(unique), await sealingKey(key), utf8.encode(text));
  return `${toHex(unique)}.${key.id}.${toBase64Url(new Uint8Array(sealed))}`;
}

/** The id of the key that an id names; undefined for one without claims, as the original server makes them. */
export function keyIdOf(tokenId: string): string | undefined {
  return idForm.exec(tokenId)?.[2];
}

/** The claims inside an id; undefined when they were not sealed by that key, for those digits, or are no claims. */
export async function openClaims(key: Key, tokenId: string): Promise<TokenClaims | undefined> {
  const [, digits = '', keyId = '', sealed = ''] = idForm.exec(tokenId) ?? [];
  const unique = fromHex(digits);
  const bytes = fromBase64Url(sealed);
  if (unique === undefined || bytes === undefined || keyId !== key.id) return undefined;
  let text: string;
  try {
    const opened = await crypto.subtle.decrypt(algorithm(unique), await sealingKey(key), bytes);
    text = new TextDecoder().decode(opened);
  } catch {
    // AES-GCM says by failing that it was altered.
    return undefined;
  }
  const claims = v.safeParse(tokenClaimsSchema, parsed(text));
  return claims.success ? claims.output : undefined;
}

const idForm = /^([0-9a-f]{24})\.([0-9a-f]{8})\.([0-9A-Za-z_-]+)$/;

function algorithm(unique: Uint8Array) {
  return { name: 'AES-GCM', iv: new Uint8Array(unique) };
}

/** Signing and sealing must not share a key: this one follows from the secret (RFC 5869). */
function sealingKey(key: Key): ReturnType<typeof derive> {
  const made = derived.get(key) ?? derive(key.secret);
  derived.set(key, made);
  return made;
}

async function derive(secret: string) {
  const input = await crypto.subtle.importKey('raw', utf8.encode(secret), 'HKDF', false, ['deriveKey']);
  const hkdf = { name: 'HKDF', hash: 'SHA-256', salt: new Uint8Array(), info: utf8.encode('token claims') };
  return crypto.subtle.deriveKey(hkdf, input, { name: 'AES-GCM', length: 256 }, false, [
    'encrypt',
    'decrypt',
  ]);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
