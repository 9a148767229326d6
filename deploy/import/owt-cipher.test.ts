import { describe, expect, it } from 'vitest';
import { decryptOwt, owtKey } from './owt-cipher.ts';

// Made with the cipher of an OWT 5 server.
const vectors = [
  ['86dbb7cfcb0b1e6b51ade2f27bedf976', owtKey, 'testServiceKey=='],
  ['b5dbacdef1034cdea7', owtKey, 'Geheim ß'],
  ['daea58b6ca5c4addcd156b32bdd12c70', '07'.repeat(32), 'testServiceKey=='],
] as const;

describe('what an OWT server encrypted', () => {
  it.each(vectors)('%s is read', (encrypted, key, text) => {
    expect(decryptOwt(encrypted, key)).toBe(text);
    expect(decryptOwt(encrypted.toUpperCase(), key)).toBe(text);
  });

  it('is not read with another key', () => {
    for (let i = 0; i < 64; i++) {
      const key = i.toString(16).padStart(2, '0').repeat(32);
      expect(decryptOwt(vectors[0][0], key)).toBeUndefined();
    }
  });

  it.each(['', 'abc', 'a key in clear'])('is not %j', (text) => {
    expect(decryptOwt(text, owtKey)).toBeUndefined();
  });
});
