import { expect, it } from 'vitest';
import { masked } from './masked.ts';

it('hides secrets by their names and inside URLs, wherever they are', () => {
  const settings = {
    https: { port: 3004, key: '-----BEGIN', cert: '/etc/cert.pem' },
    ice: [{ urls: ['turn:t.example'], username: 'u', credential: 'c' }],
    redis: { url: 'redis://user:pass word@db:6379/0' },
    list: ['http://a:b@c/'],
    tokens: { key_days: 3, previous_keys: ['a', 'b'] },
    tokenKey: '',
    enabled: true,
    nothing: null,
  };
  const shown = masked(settings);
  expect(shown).toEqual({
    https: { port: 3004, key: '********', cert: '/etc/cert.pem' },
    ice: [{ urls: ['turn:t.example'], username: 'u', credential: '********' }],
    redis: { url: expect.not.stringContaining('pass') as string },
    list: [expect.not.stringContaining(':b@') as string],
    tokens: { key_days: 3, previous_keys: ['********', '********'] },
    tokenKey: '',
    enabled: true,
    nothing: null,
  });
  expect(settings.https.key).toBe('-----BEGIN');
});

it('ends in what is nested without end', () => {
  const circle: { inner?: unknown } = {};
  circle.inner = circle;
  expect(JSON.stringify(masked(circle)).length).toBeLessThan(200);
});
