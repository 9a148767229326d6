// Owns reading what an OWT server encrypted in its database: keys of services and SIP passwords. It used one key for all
// of its installations, which is no secret (source/common/cipher.js there); who built it with another one has that.
import { createDecipheriv } from 'node:crypto';

/** 32 bytes as hexadecimal text: the key that every OWT release was built with. */
export const owtKey = '3d84a1efc77268c98bc6ca2921eb35a6d82a40a38696d25fbb64ff1733cd2523';
const iv = Buffer.from('3a613563c433a361a62a9efe4dd8462e', 'hex');

/**
 * The text behind hexadecimal `encrypted`; undefined when that is none or was encrypted with another key: the cipher
 * itself cannot tell, but what comes out is then hardly ever printable text. `key` is 64 hex digits.
 */
export function decryptOwt(encrypted: string, key: string): string | undefined {
  if (!/^([0-9a-f]{2})+$/i.test(encrypted)) return undefined;
  const decipher = createDecipheriv('aes-256-ctr', Buffer.from(key, 'hex'), iv);
  const bytes = Buffer.concat([decipher.update(encrypted, 'hex'), decipher.final()]);
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return /\p{Cc}/u.test(text) ? undefined : text;
  } catch {
    return undefined;
  }
}
