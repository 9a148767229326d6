// Owns encryption at rest of what the server must be able to read back: service keys and SIP passwords. The key is one
// of the directory's secrets, so this keeps clear text out of replies, logs and backups, not from who has the whole store.
import type { Random } from '../clock.ts';
import type { Directory } from '../store/directory.ts';
import { fromHex, toHex } from './text-codec.ts';

const ivBytes = 12;

export interface SecretBox {
  /** Hexadecimal text; sealing the same text twice gives different results. */
  seal(text: string): Promise<string>;
  /** The sealed text, or undefined when it was not sealed here or was altered. */
  open(sealed: string): Promise<string | undefined>;
}

export function createSecretBox(directory: Directory, random: Random): SecretBox {
  async function key(usage: 'encrypt' | 'decrypt') {
    const hex = await directory.secret('secret-box', () => toHex(random.bytes(32)));
    const raw = fromHex(hex) ?? new Uint8Array();
    return crypto.subtle.importKey('raw', raw, 'AES-GCM', false, [usage]);
  }

  return {
    async seal(text) {
      const iv = new Uint8Array(random.bytes(ivBytes));
      const algorithm = { name: 'AES-GCM', iv };
      const bytes = new TextEncoder().encode(text);
      const sealed = await crypto.subtle.encrypt(algorithm, await key('encrypt'), bytes);
      return toHex(iv) + toHex(new Uint8Array(sealed));
    },

    async open(sealed) {
      const bytes = fromHex(sealed);
      if (bytes === undefined || bytes.length <= ivBytes) return undefined;
      const algorithm = { name: 'AES-GCM', iv: bytes.slice(0, ivBytes) };
      const decrypting = await key('decrypt');
      try {
        const text = await crypto.subtle.decrypt(algorithm, decrypting, bytes.slice(ivBytes));
        return new TextDecoder().decode(text);
      } catch {
        // Not ours or altered: AES-GCM says so by failing.
        return undefined;
      }
    },
  };
}
