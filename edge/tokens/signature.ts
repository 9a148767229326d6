// Owns the one form of signature that MAuth, join tokens and reconnection tickets share: base64 of the lower-case
// hexadecimal text of HMAC-SHA256, with the key used as UTF-8 text (spec rest-api §3.2, §6.2).
import { toHex } from './text-codec.ts';

const utf8 = new TextEncoder();
const hmac = { name: 'HMAC', hash: 'SHA-256' };

/** Importing a key costs more than signing with it. Services and keys of ours are few; the oldest are imported again. */
const maxImported = 1_000;
const imported = new Map<string, ReturnType<typeof importKey>>();

/** The signature of `text`: 88 characters. `key` must not be empty. */
export async function sign(key: string, text: string): Promise<string> {
  const digest = await crypto.subtle.sign('HMAC', await importedKey(key), utf8.encode(text));
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

function importKey(key: string) {
  return crypto.subtle.importKey('raw', utf8.encode(key), hmac, false, ['sign']);
}

function importedKey(key: string): ReturnType<typeof importKey> {
  const known = imported.get(key);
  if (known !== undefined) return known;
  const made = importKey(key);
  imported.set(key, made);
  for (const oldest of imported.keys()) {
    if (imported.size <= maxImported) break;
    imported.delete(oldest);
  }
  return made;
}
