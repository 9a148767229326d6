import { once } from 'node:events';
import { connect } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { decode, encode } from '@msgpack/msgpack';
import { Hono } from 'hono';
import { generate } from 'selfsigned';
import { afterEach, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import type { ServerFrame } from '../../../schemas/signal.ts';
import { ioClients, startScriptedServer, type ScriptedServer } from './scripted-server.ts';

const open: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

async function start(options?: Parameters<typeof startScriptedServer>[0]): Promise<ScriptedServer> {
  const running = await startScriptedServer(options);
  open.push(() => running.close());
  return running;
}

class Signal {
  readonly frames: ServerFrame[] = [];
  readonly socket: WebSocket;
  #cid = 0;

  constructor(url: string, options: object = {}) {
    this.socket = new WebSocket(`${url.replace(/^http/, 'ws')}/signal`, 'sluice.1', options);
    open.push(() => this.socket.terminate());
    this.socket.on('message', (data) => this.frames.push(decode(data as Buffer) as ServerFrame));
    this.socket.on('error', () => undefined);
  }

  async ask(body: object): Promise<unknown> {
    if (this.socket.readyState !== WebSocket.OPEN) await once(this.socket, 'open');
    const cid = ++this.#cid;
    this.socket.send(encode({ ...body, cid }));
    while (true) {
      const reply = this.frames.flatMap(({ replies }) => replies ?? []).find((each) => each.cid === cid);
      if (reply?.ok === true) return reply.data;
      if (reply) throw new Error(reply.error.message);
      await once(this.socket, 'message');
    }
  }

  async join(token: string): Promise<unknown> {
    return this.ask({ do: 'join', token, userAgent: { sdk: { type: 'test', version: '1' } } });
  }

  async closed(): Promise<number> {
    const [code] = (await once(this.socket, 'close')) as [number];
    return code;
  }
}

async function rawRequest(port: number, target: string, header = ''): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  open.push(() => socket.destroy());
  socket.end(`DELETE ${target} HTTP/1.1\r\nHost: edge\r\n${header}Connection: close\r\n\r\n`);
  let text = '';
  for await (const chunk of socket) text += String(chunk);
  return text;
}

it('hands no path with dot segments on, and tells whose request it is', async () => {
  const seen: string[] = [];
  const app = new Hono<{ Bindings: { address?: string } }>();
  app.all('*', (c) => {
    seen.push(`${c.req.path} ${c.env.address}`);
    return c.text('reached');
  });
  const { port } = await start({ app: { fetch: app.fetch } });
  for (const target of ['/rooms/r/participants/..', '/rooms/r/participants/%2E%2e', '/rooms/r/./x'])
    expect(await rawRequest(port, target)).toMatch(
      /^HTTP\/1\.1 400 [^]*x-content-type-options: nosniff[^]*"code":1201/,
    );
  expect(await rawRequest(port, '/rooms/r/participants/p..')).toContain('reached');
  expect(seen).toEqual(['/rooms/r/participants/p.. 127.0.0.1']);
});

it('knows its own port where OWT’s REST client leaves it out', async () => {
  const app = new Hono();
  app.all('*', (c) => c.text(`came to ${c.req.url}`));
  const { port } = await start({ app: { fetch: app.fetch } });
  const signed = await rawRequest(port, '/v1/rooms', 'Authorization: MAuth realm=x\r\n');
  expect(signed).toContain(`came to http://edge:${port}/v1/rooms`);
  expect(await rawRequest(port, '/tokens')).toContain('came to http://edge/tokens');
});

it('serves the web application, /signal and /socket.io/ on one port', async () => {
  const running = await start();
  expect(await (await fetch(`${running.url}/hello`)).text()).toBe('hello');
  expect((await fetch(`${running.url}/nothing`)).status).toBe(404);
  const signal = new Signal(running.url);
  expect(signal.socket.protocol).toBe('');
  await signal.join(await running.token('ann'));
  expect(signal.socket.protocol).toBe('sluice.1');
  const owt = ioClients['4.8.4'](running.url, { forceNew: true });
  open.push(() => owt.disconnect());
  const login = {
    token: await running.token('bob'),
    userAgent: { sdk: { type: 'C++', version: '5' } },
    protocol: '1.2',
  };
  const status = await new Promise((resolve) => owt.emit('login', login, resolve));
  expect(status).toBe('ok');
  // Both protocols meet in the room.
  await signal.ask({ do: 'text', request: { to: 'all', message: 'hi' } });
  expect(signal.frames.flatMap(({ notices }) => notices ?? []).map(({ type }) => type)).toEqual([
    'participant-joined',
    'text',
  ]);
});

it('wants the subprotocol of /signal', async () => {
  const running = await start();
  for (const protocols of [[], ['sluice.2']]) {
    const socket = new WebSocket(`ws://127.0.0.1:${running.port}/signal`, protocols);
    const [, response] = (await once(socket, 'unexpected-response')) as [unknown, { statusCode: number }];
    expect(response.statusCode).toBe(400);
    socket.on('error', () => undefined);
    socket.terminate();
  }
  const several = new WebSocket(`ws://127.0.0.1:${running.port}/signal`, ['other', 'sluice.1']);
  await once(several, 'open');
  expect(several.protocol).toBe('sluice.1');
  several.terminate();
});

it('ends upgrades to anywhere else', async () => {
  const running = await start();
  const socket = new WebSocket(`ws://127.0.0.1:${running.port}/elsewhere`);
  await once(socket, 'error');
});

it('closes a connection over the frame limit, and one that sends garbage', async () => {
  const running = await start();
  const large = new Signal(running.url);
  await large.join(await running.token());
  large.socket.send(new Uint8Array(300 * 1024));
  expect(await large.closed()).toBe(1009);
  const garbage = new Signal(running.url);
  await once(garbage.socket, 'open');
  garbage.socket.send('hello');
  expect(await garbage.closed()).toBe(4400);
  expect(await (await fetch(`${running.url}/hello`)).text()).toBe('hello');
});

it('keeps a participant whose socket died without a close, and lets it come back', async () => {
  const running = await start();
  const ann = new Signal(running.url);
  const { ticket, epoch } = (await ann.join(await running.token('ann'))) as { ticket: string; epoch: string };
  const seq = ann.frames[0]?.seq ?? 0;
  ann.socket.terminate();
  const again = new Signal(running.url);
  expect(await again.ask({ do: 'resume', ticket, epoch, seq })).toMatchObject({ lastCid: 0 });
  expect(running.portal.counts.sessions).toBe(1);
});

it('says which port is taken', async () => {
  const running = await start();
  await expect(start({ http: { host: '127.0.0.1', port: running.port } })).rejects.toThrow(
    `Port ${running.port} on 127.0.0.1 is taken`,
  );
});

it('serves HTTPS beside HTTP, with TLS 1.2 at least', async () => {
  const { private: key, cert } = await generate([{ name: 'commonName', value: 'localhost' }]);
  const running = await start({ https: { host: '127.0.0.1', port: 0, key, cert } });
  const port = running.server.httpsPort ?? 0;
  expect(port).toBeGreaterThan(0);
  const signal = new Signal(`https://127.0.0.1:${port}`, { rejectUnauthorized: false });
  await signal.join(await running.token());
  const old = connectTls({
    host: '127.0.0.1',
    port,
    rejectUnauthorized: false,
    minVersion: 'TLSv1',
    maxVersion: 'TLSv1.1',
    ciphers: 'ALL:@SECLEVEL=0',
  });
  const [error] = (await once(old, 'error')) as [Error];
  expect(error.message).toMatch(/protocol version|unsupported protocol/i);
});

it('closes although somebody has begun no TLS on the HTTPS port', async () => {
  const { private: key, cert } = await generate([{ name: 'commonName', value: 'localhost' }]);
  const running = await startScriptedServer({ https: { host: '127.0.0.1', port: 0, key, cert } });
  const port = running.server.httpsPort ?? 0;
  const silent = connect(port, '127.0.0.1');
  open.push(() => silent.destroy());
  await once(silent, 'connect');
  // Connections are taken in their order: the silent one is in by now.
  await new Signal(`https://127.0.0.1:${port}`, { rejectUnauthorized: false }).join(await running.token());
  const ended = once(silent, 'close');
  await running.close();
  await ended;
});

it('stops HTTP again when the HTTPS port cannot be had', async () => {
  const { private: key, cert } = await generate([{ name: 'commonName', value: 'localhost' }]);
  const taken = await start();
  const free = await startScriptedServer();
  await free.close();
  const http = { host: '127.0.0.1', port: free.port };
  const https = { host: '127.0.0.1', port: taken.port, key, cert };
  await expect(start({ http, https })).rejects.toThrow(`Port ${taken.port} on 127.0.0.1 is taken`);
  await expect(start({ http })).resolves.toMatchObject({ port: free.port });
});

it('closes in order: clients are told, sockets end, the port is free', async () => {
  const running = await startScriptedServer();
  const signal = new Signal(running.url);
  await signal.join(await running.token());
  const owt = ioClients['4.8.4'](running.url, { forceNew: true });
  open.push(() => owt.disconnect());
  const heard: string[] = [];
  owt.on('drop', () => heard.push('drop'));
  owt.on('disconnect', () => heard.push('disconnect'));
  const login = {
    token: await running.token('bob'),
    userAgent: { sdk: { type: 'C++', version: '5' } },
    protocol: '1.2',
  };
  await new Promise((resolve) => owt.emit('login', login, resolve));
  const idle = connect(running.port, '127.0.0.1');
  await once(idle, 'connect');
  const [code] = await Promise.all([signal.closed(), running.close()]);
  expect(code).toBe(1001);
  expect(heard).toEqual(['drop', 'disconnect']);
  await expect(fetch(`${running.url}/hello`)).rejects.toThrow();
  // Again is nothing.
  await running.server.close();
});
