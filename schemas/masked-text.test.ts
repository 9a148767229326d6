import { expect, it } from 'vitest';
import { maskedText } from './masked-text.ts';

it.each([
  [
    'cannot open rtsp://admin:hidden@cam.example:554/1?x=y',
    'cannot open rtsp://admin:***@cam.example:554/1?x=y',
  ],
  ['rtmp://u:hid@den@h/a and redis://:hidden@db', 'rtmp://u:***@h/a and redis://:***@db'],
  ['"url":"HTTPS://a:hidden@b/"', '"url":"HTTPS://a:***@b/"'],
  ['call to sip:bob:hidden@phone.example failed', 'call to sip:bob:***@phone.example failed'],
  [
    'MAuth realm=x,mauth_signature=aGlkZGVu==,mauth_cnonce=1',
    'MAuth realm=x,mauth_signature=***,mauth_cnonce=1',
  ],
])('%s becomes %s', (text, masked) => {
  expect(maskedText(text)).toBe(masked);
});

it.each([
  'http://h:80/a@b',
  'sip:bob@phone.example:5060',
  'at 12:30 ann@example.org said',
  'file:///a:b@c',
  'wss://edge:3004/signal',
])('%s has nothing to hide', (text) => {
  expect(maskedText(text)).toBe(text);
});

it('leaves alone what only begins like it, however long', () => {
  for (const text of ['a.'.repeat(100_000), `${'a'.repeat(50_000)}:${'//x:'.repeat(10_000)}`])
    expect(maskedText(text)).toBe(text);
});
