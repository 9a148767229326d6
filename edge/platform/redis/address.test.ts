import { describe, expect, it } from 'vitest';
import { readRedisUrl } from './address.ts';

describe('Redis URLs', () => {
  it.each([
    [
      'redis://localhost',
      { clustered: false, tls: false, nodes: [{ host: 'localhost', port: 6379 }], db: 0 },
    ],
    ['redis://127.0.0.1:7000/3', { nodes: [{ host: '127.0.0.1', port: 7000 }], db: 3 }],
    ['rediss://u:p%40ss@r.example:1/', { tls: true, username: 'u', password: 'p@ss', db: 0 }],
    ['redis://:secret@[::1]:6380', { nodes: [{ host: '::1', port: 6380 }], password: 'secret' }],
    [
      'redis-cluster://a:1,b:2,c',
      {
        clustered: true,
        nodes: [
          { host: 'a', port: 1 },
          { host: 'b', port: 2 },
          { host: 'c', port: 6379 },
        ],
      },
    ],
    ['rediss-cluster://:x@a:1', { clustered: true, tls: true, password: 'x' }],
  ])('%s is understood', (url, expected) => {
    expect(readRedisUrl(url)).toMatchObject(expected);
  });

  it.each([
    '',
    'localhost',
    'http://localhost',
    'redis://',
    'redis://a:0',
    'redis://a:70000',
    'redis://a,b',
    'redis://a b',
    'redis://hunter2@a',
    'redis://u:%zz@a',
    'redis-cluster://a:1/2',
    'redis://u:hunter2@a/db',
  ])('%j is refused, without repeating what may be secret', (url) => {
    expect(() => readRedisUrl(url)).toThrow(/Redis URL cannot be used/);
    expect(() => readRedisUrl(url)).not.toThrow(/hunter2/);
  });
});
