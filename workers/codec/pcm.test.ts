import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { decodePcma, encodePcma } from './pcma.ts';
import { decodePcmu, encodePcmu } from './pcmu.ts';

const codes = Uint8Array.from({ length: 256 }, (_, code) => code);
const everySample = Int16Array.from({ length: 65_536 }, (_, i) => i - 32_768);
const md5 = (list: Int16Array | Uint8Array): string =>
  createHash('md5').update(new Uint8Array(list.buffer)).digest('hex');

describe.each([
  // The digests are of the 256 values that ffmpeg's decoders give.
  {
    name: 'PCMU',
    encode: encodePcmu,
    decode: decodePcmu,
    silence: 0xff,
    values: '4564589ec3203313ff004120bb32117f',
    largest: 32_124,
  },
  {
    name: 'PCMA',
    encode: encodePcma,
    decode: decodePcma,
    silence: 0xd5,
    values: '58ec5fda9d97b5482ef9257716c502dd',
    largest: 32_256,
  },
])('$name', ({ encode, decode, silence, values, largest }) => {
  it('decodes every code to the value of G.711', () => {
    const decoded = decode(codes);
    expect(md5(decoded)).toBe(values);
    expect(Math.max(...decoded)).toBe(largest);
  });

  it('encodes every decoded value to a code of the same value', () => {
    const decoded = decode(codes);
    expect(decode(encode(decoded))).toEqual(decoded);
  });

  it('errs by less than the distance of its neighbouring values', () => {
    const levels = [...new Set(decode(codes))].sort((a, b) => a - b);
    const decoded = decode(encode(everySample));
    let below = 0;
    const wrong = [...everySample].filter((sample, i) => {
      while (below + 2 < levels.length && levels[below + 1]! <= sample) below++;
      if (Math.abs(sample) > largest) return Math.abs(decoded[i]!) !== largest;
      // Half the distance; two thirds where the steps double.
      const distance = levels[below + 1]! - levels[below]!;
      return Math.abs(sample - decoded[i]!) > (distance * 2) / 3 + 1;
    });
    expect(wrong).toEqual([]);
  });

  it('encodes silence as everybody does', () => {
    expect([...encode(Int16Array.of(0, 0))]).toEqual([silence, silence]);
  });
});
