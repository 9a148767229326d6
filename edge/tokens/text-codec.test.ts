import { describe, expect, it } from 'vitest';
import { fromBase64, fromBase64Url, fromHex, toBase64, toBase64Url, toHex } from './text-codec.ts';

describe('base64', () => {
  it.each(['', 'a', 'ab', 'abc', '{"user":"Zoë ✓"}'])('carries %j there and back', (text) => {
    expect(toBase64(text)).toBe(Buffer.from(text).toString('base64'));
    expect(fromBase64(toBase64(text))).toBe(text);
  });

  it.each(['YWxpY2U', 'YWxp\nY2U=', 'YWxpY2U==', 'Y W x p Y 2 U = junk', 'Zm9_LV8', '%', 'A', 'QUFBQQ=x'])(
    'reads %j as leniently as Node does',
    (text) => {
      expect(fromBase64(text)).toBe(Buffer.from(text, 'base64').toString());
    },
  );
});

it('hexadecimal goes there and back, and nothing else is taken for it', () => {
  expect(toHex(Uint8Array.of(0, 15, 255))).toBe('000fff');
  expect(fromHex('000fFF')).toEqual(Uint8Array.of(0, 15, 255));
  for (const text of ['0', 'xx', '0 ']) expect(fromHex(text)).toBeUndefined();
});

describe('base64 in the URL alphabet', () => {
  it.each([[], [0], [251, 255], [1, 2, 3], [255, 254, 253, 252]])('carries %j there and back', (...bytes) => {
    const text = toBase64Url(Uint8Array.from(bytes));
    expect(text).toBe(Buffer.from(bytes).toString('base64url'));
    expect(fromBase64Url(text)).toEqual(Uint8Array.from(bytes));
  });

  it.each(['A', 'AB=', 'A+B/', 'AB CD', 'AB\n', 'AR', 'AAB'])(
    'takes %j for none: it is read in one way only',
    (text) => {
      expect(fromBase64Url(text)).toBeUndefined();
    },
  );
});
