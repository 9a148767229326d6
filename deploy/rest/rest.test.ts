import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readRest, rest } from './rest.ts';

const env = { SLUICE_SERVICE: 's', SLUICE_SERVICE_KEY: 'k' };
const asked = { url: 'http://localhost:3000', service: 's', key: 'k', method: 'GET', path: '/v1/rooms' };

describe('the arguments of npm run rest', () => {
  it('are a method, a path and perhaps a body; the rest may come from the environment', () => {
    expect(readRest(['get', '/v1/rooms'], env)).toEqual({ ...asked, body: undefined });
    const named = [
      '--url',
      'http://h:1',
      '--service',
      'a',
      '--key',
      'b',
      'POST',
      '/v1/rooms',
      '{"name":"x"}',
    ];
    expect(readRest(named, env)).toEqual({
      ...{ url: 'http://h:1', service: 'a', key: 'b', method: 'POST', path: '/v1/rooms' },
      body: { name: 'x' },
    });
  });

  it.each([
    { args: ['GET', '/v1/rooms'], from: {} },
    { args: ['GET', '/v1/rooms'], from: { ...env, SLUICE_SERVICE_KEY: '' } },
    { args: ['GET'], from: env },
    { args: ['GET', 'v1/rooms'], from: env },
    { args: ['POST', '/v1/rooms', '{name'], from: env },
    { args: ['POST', '/v1/rooms', '{}', 'more'], from: env },
    { args: ['--nonsense', 'GET', '/v1/rooms'], from: env },
  ])('$args without what they need: it says how to use it', async ({ args, from }) => {
    const said: string[] = [];
    const print = { out: () => undefined, error: (text: string) => void said.push(text) };
    expect(await rest(args, from, print)).toBe(2);
    expect(said.join()).toContain('npm run -s rest -- ');
  });
});

describe('npm run rest', () => {
  const server = createServer((request, response) => {
    response.statusCode = Number(request.url?.slice(1));
    response.end(request.headers.authorization?.startsWith('MAuth ') === true ? '{"a":[1]}' : '');
  });
  let url = '';
  beforeEach(async () => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterEach(() => server.close());

  it.each([
    { status: 200, code: 0 },
    { status: 404, code: 1 },
    { status: 401, code: 2 },
  ])(
    'prints what a signed request was answered; of $status the exit code is $code',
    async ({ status, code }) => {
      const said: string[] = [];
      const print = { out: (text: string) => void said.push(text), error: () => undefined };
      expect(await rest(['GET', `/${status}`], { ...env, SLUICE_URL: url }, print)).toBe(code);
      expect(said.join()).toBe(code === 2 ? '' : '{\n  "a": [\n    1\n  ]\n}');
    },
  );
});
