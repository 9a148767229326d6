import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createPost } from './post.ts';

let server: Server;
let url: string;
let answer: number;
let heard: { path?: string | undefined; headers: IncomingHttpHeaders; body: string }[];
beforeEach(async () => {
  heard = [];
  answer = 204;
  server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
    request.on('end', () => {
      heard.push({ path: request.url, headers: request.headers, body });
      response.writeHead(answer, { location: '/elsewhere' });
      // Whoever sends without end is not listened to.
      if (answer === 200) for (let i = 0; i < 100; i += 1) response.write('x'.repeat(10_000));
      else response.end();
    });
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const address = server.address();
  url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}/hook?a=1`;
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

it('sends a body and tells the status', async () => {
  const post = createPost({ privateAddresses: true });
  expect(await post(url, { 'x-test': 'yes' }, 'grüezi')).toBe(204);
  expect(heard).toMatchObject([{ path: '/hook?a=1', headers: { 'x-test': 'yes' }, body: 'grüezi' }]);
  expect(heard[0]?.headers.host).toBe(new URL(url).host);
});

it('follows no redirect and reads no answer', async () => {
  const post = createPost({ privateAddresses: true });
  answer = 302;
  expect(await post(url, {}, '')).toBe(302);
  answer = 200;
  expect(await post(url, {}, '')).toBe(200);
  expect(heard.map(({ path }) => path)).toEqual(['/hook?a=1', '/hook?a=1']);
});

it.each(['127.0.0.1', 'localhost', '[::1]', '10.0.0.1', '169.254.169.254', '0x7f.1'])(
  'never goes to %s unless that is allowed',
  async (host) => {
    const post = createPost({ privateAddresses: false });
    const there = url.replace('127.0.0.1', host);
    await expect(post(there, {}, '')).rejects.toThrow('The receiver is in a private network');
    expect(heard).toEqual([]);
  },
);

it('says that nobody is there, and what name is unknown', async () => {
  const post = createPost({ privateAddresses: true });
  await new Promise((closed) => server.close(closed));
  await expect(post(url, {}, '')).rejects.toMatchObject({
    code: 'operation-failed',
    message: 'The receiver cannot be reached',
  });
  await expect(post('https://nobody.invalid/', {}, '')).rejects.toThrow(
    'The name of the receiver is not known',
  );
});
