// Owns the tests of URIs without their passwords.
import { describe, expect, it } from 'vitest';
import { maskedUri } from './masked-uri.ts';

describe('a masked URI', () => {
  it.each([
    ['rtsp://u:p@h/1', 'rtsp://u:***@h/1'],
    ['rtsp://u:p:q@r@h:554/1?a=b@c', 'rtsp://u:***@h:554/1?a=b@c'],
    ['rtsp://:p@h', 'rtsp://:***@h'],
    ['rtsp://u:@h', 'rtsp://u:***@h'],
    ['HTTP://u:p@h#x', 'HTTP://u:***@h#x'],
    ['sip:bob:p@h', 'sip:bob:***@h'],
    ['sips:bob:p@h;transport=tls', 'sips:bob:***@h;transport=tls'],
    ['bob:p@h', 'bob:***@h'],
  ])('%s is shown as %s', (uri, shown) => {
    expect(maskedUri(uri)).toBe(shown);
  });

  it.each([
    'rtsp://h/1',
    'rtsp://u@h/1',
    'rtsp://h:554/u:p@x',
    'http://h?u:p@x',
    'sip:bob@h:5060',
    'bob@h',
    '',
    'a\nb',
  ])('%j has no password and stays as it is', (uri) => {
    expect(maskedUri(uri)).toBe(uri);
  });
});
