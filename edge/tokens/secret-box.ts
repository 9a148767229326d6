// Owns encryption at rest of what the server must be able to read back: service keys and SIP passwords. The keys are the
// directory's, so this keeps clear text out of replies, logs and backups, not from who has the whole store.
import type { Random } from '../clock.ts';
import type { Directory } from '../store/directory.ts';
import type { Key } from '../store/key-ring.ts';
import { keyKinds } from './key-kind.ts';
import { fromHex, toHex } from './text-codec.ts';

const ivBytes = 12;

type SealingKey = Awaited<ReturnType<typeof crypto.subtle.importKey>>;

export interface SecretBox {
  /** `<key id>.<hexadecimal text>`; sealing the same text twice gives different results. */
  seal(text: string): Promise<string>;
  /** The sealed text, by whatever key it was sealed, or undefined when it was not sealed here or was altered. */
  open(sealed: string): Promise<string | undefined>;
}

export function createSecretBox(directory: Directory, random: Random): SecretBox {
  const { name, secretBytes } = keyKinds['secret-box'];
  /** By key id. Keys of this kind are never forgotten, so neither are they here. */
  const imported = new Map<string, Promise<SealingKey>>();

  async function ring(): Promise<readonly Key[]> {
    const { current, previous } = await directory.keys(name, () => toHex(random.bytes(secretBytes)));
    return [current, ...previous];
  }
  function importedKey({ id, secret }: Key): Promise<SealingKey> {
    const raw = fromHex(secret) ?? new Uint8Array();
    const key =
      imported.get(id) ?? crypto.subtle.importKey('raw', raw, 'AES-GCM', false, ['encrypt', 'decrypt']);
    imported.set(id, key);
    return key;
  }
  /** What was sealed before keys had ids names none: it may be any of them. */
  async function candidates(id: string | undefined): Promise<readonly Promise<SealingKey>[]> {
    const known = id === undefined ? undefined : imported.get(id);
    if (known !== undefined) return [known];
    return (await ring()).filter((key) => id === undefined || key.id === id).map(importedKey);
  }

  return {
    async seal(text) {
      const [current] = await ring();
      if (current === undefined) throw new Error('a ring of keys has a current one');
      const iv = new Uint8Array(random.bytes(ivBytes));
      const bytes = new TextEncoder().encode(text);
      const sealed = await crypto.subtle.encrypt({ name: 'AES-GCM', iv }, await importedKey(current), bytes);
      return `${current.id}.${toHex(iv)}${toHex(new Uint8Array(sealed))}`;
    },

    async open(sealed) {
      const [, id, hex = ''] = /^(?:([0-9a-f]{8})\.)?([0-9a-fA-F]+)$/.exec(sealed) ?? [];
      const bytes = fromHex(hex);
      if (bytes === undefined || bytes.length <= ivBytes) return undefined;
      const algorithm = { name: 'AES-GCM', iv: bytes.slice(0, ivBytes) };
      for (const key of await candidates(id)) {
        try {
          const text = await crypto.subtle.decrypt(algorithm, await key, bytes.slice(ivBytes));
          return new TextDecoder().decode(text);
        } catch {
          // Not of this key, not ours or altered: AES-GCM says so by failing.
        }
      }
      return undefined;
    },
  };
}
