import { describe, expect, it } from 'vitest';
import { fromBase64, fromHex, toBase64, toHex } from './text-codec.ts';

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
