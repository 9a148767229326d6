import { encode, ExtData } from '@msgpack/msgpack';
import { expect, it } from 'vitest';
import { scanMessagePack } from './scan.ts';

const limits = { maxDepth: 8, maxValues: 1000 };
const scan = (bytes: ArrayLike<number>) => scanMessagePack(Uint8Array.from(bytes), limits);
const nested = (depth: number): unknown => (depth === 0 ? 1 : [nested(depth - 1)]);

it.each<[string, unknown]>([
  [
    'numbers',
    [0, -1, 127, 128, -33, 70_000, -70_000, 2 ** 40, -(2 ** 40), 1.5, Number.MAX_VALUE, -Number.MIN_VALUE],
  ],
  ['nothing and booleans', [null, true, false]],
  ['strings', ['', 'é', 'x'.repeat(40), 'x'.repeat(300), 'x'.repeat(70_000)]],
  ['maps', { a: { b: [{}] }, ...Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`k${i}`, i])) }],
  ['a long array', Array.from({ length: 400 }, () => 7)],
])('passes %s', (_, value) => {
  expect(scan(encode(value))).toBeUndefined();
});

it.each<[string, ArrayLike<number>, string]>([
  ['nothing', [], 'truncated'],
  ['two values', [1, 1], 'trailing bytes'],
  ['a string cut short', [0xa5, 0x61], 'truncated'],
  ['a number cut short', [0xcf, 1, 2], 'truncated'],
  ['an array that claims 4 G entries', [0xdd, 0xff, 0xff, 0xff, 0xff], 'truncated'],
  ['a map that claims 64 K pairs', [0xde, 0xff, 0xff, 1], 'truncated'],
  ['a length cut short', [0xda, 0x01], 'truncated'],
  ['binary', encode(new Uint8Array(3)), 'type not allowed'],
  ['a date', encode(new Date(0)), 'type not allowed'],
  ['an extension', encode(new ExtData(5, new Uint8Array(4))), 'type not allowed'],
  ['the unused head', [0xc1], 'type not allowed'],
  ['infinity', encode(-Infinity), 'not a finite number'],
  ['no number', encode(NaN), 'not a finite number'],
  ['an infinity of 32 bits', [0xca, 0x7f, 0x80, 0, 0], 'not a finite number'],
  ['a value too deep', encode(nested(9)), 'too deep'],
  ['too many values', encode(Array.from({ length: 1001 }, () => 1)), 'too many values'],
])('refuses %s', (_, bytes, fault) => {
  expect(scan(bytes)).toBe(fault);
});

it('passes the deepest value allowed', () => {
  expect(scan(encode(nested(8)))).toBeUndefined();
});
