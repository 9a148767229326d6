// Owns the one form of signature that MAuth, join tokens and reconnection tickets share: base64 of the lower-case
// hexadecimal text of HMAC-SHA256, with the key used as UTF-8 text (spec rest-api §3.2, §6.2).
import { toHex } from './text-codec.ts';

const utf8 = new TextEncoder();

/** The signature of `text`: 88 characters. `key` must not be empty. */
export async function sign(key: string, text: string): Promise<string> {
  const hmac = { name: 'HMAC', hash: 'SHA-256' };
  const imported = await crypto.subtle.importKey('raw', utf8.encode(key), hmac, false, ['sign']);
  const digest = await crypto.subtle.sign('HMAC', imported, utf8.encode(text));
  return btoa(toHex(new Uint8Array(digest)));
}

/** Whether `signature` is that of `text`, compared in constant time. An empty key verifies nothing. */
export async function verify(key: string, text: string, signature: string): Promise<boolean> {
  if (key === '') return false;
  return equalInConstantTime(await sign(key, text), signature);
}

function equalInConstantTime(expected: string, given: string): boolean {
  if (expected.length !== given.length) return false;
  let difference = 0;
  for (let i = 0; i < expected.length; i++) difference |= expected.charCodeAt(i) ^ given.charCodeAt(i);
  return difference === 0;
}
