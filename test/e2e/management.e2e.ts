// Owns the proof that the management interface of the built server says what it is, who lives in the cluster and what was
// done, over real sockets.
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as v from 'valibot';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { auditEntrySchema } from '../../schemas/audit.ts';
import { clusterNodeSchema, liveRoomSchema } from '../../schemas/cluster.ts';
import { closeCodes } from '../../schemas/signal.ts';
import { managementCall, mauthHeader } from '../support/management-call.ts';
import { SignalClient } from '../support/signal-client.ts';
import { startSluice, type RunningSluice } from '../support/server.ts';

let server: RunningSluice;
let dataDir: string;
beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'sluice-management-'));
  server = await startSluice({ dataDir });
});
afterAll(async () => {
  await server.stop();
  await rm(dataDir, { recursive: true, force: true });
});

type Service = Pick<RunningSluice['super'], 'id' | 'key'>;

const call = (service: Service, method: string, path: string, body?: unknown): Promise<Response> =>
  managementCall(server.url, service, method, path, body);

it('says what it is to anyone', async () => {
  const reply = await fetch(`${server.url}/openapi.json`);
  expect(reply.headers.get('content-type')).toContain('application/json');
  expect(await reply.json()).toMatchObject({ openapi: '3.1.0' });
});

it('says who lives in the cluster to the super service', async () => {
  const nodes = v.parse(
    v.array(clusterNodeSchema),
    await (await call(server.super, 'GET', '/cluster/nodes')).json(),
  );
  const edge = nodes.find(({ purposes }) => purposes.includes('portal'));
  expect(nodes.some(({ purposes }) => purposes.includes('webrtc'))).toBe(true);
  expect(edge).toBeDefined();
  const config = await (await call(server.super, 'GET', `/cluster/nodes/${edge?.id}/config`)).text();
  expect(JSON.parse(config)).toMatchObject({ data_dir: dataDir });
  expect((await call(server.sample, 'GET', '/cluster/nodes')).status).toBe(403);
});

it('says which rooms live, and writes down who was dropped', async () => {
  const { room } = server.sample;
  const created = await call(server.sample, 'POST', `/v1/rooms/${room}/tokens`, {
    user: 'ann',
    role: 'presenter',
  });
  const client = await SignalClient.join(server.url, await created.text());
  const rooms = v.parse(
    v.array(liveRoomSchema),
    await (await call(server.super, 'GET', '/cluster/rooms')).json(),
  );
  expect(rooms).toMatchObject([{ id: room, service: server.sample.id, participants: 1 }]);
  const drop = `/v1/rooms/${room}/participants/${client.joined?.participant.id}`;
  const dropped = await call(server.sample, 'DELETE', drop);
  expect(dropped.status).toBe(200);
  const path = `/services/${server.sample.id}/audit`;
  const entries = v.parse(v.array(auditEntrySchema), await (await call(server.sample, 'GET', path)).json());
  expect(entries.at(-1)).toMatchObject({
    request: dropped.headers.get('x-request-id'),
    method: 'DELETE',
    path: drop,
    room,
    status: 200,
    address: expect.stringContaining('127.0.0.1') as string,
  });
  const file = () => readFile(join(dataDir, 'audit.jsonl'), 'utf8');
  const written = async () => (await file()).trimEnd().split('\n').length;
  await expect.poll(written).toBe(entries.length);
  // The first start tells the keys once, in no line of the log.
  const log = server
    .output()
    .split('\n')
    .filter((line) => /^\d{4}-\d\d-\d\dT/.test(line));
  expect(log.length).toBeGreaterThan(0);
  for (const key of [server.sample.key, server.super.key])
    expect(`${log.join('\n')}${await file()}`).not.toContain(key);
  expect(await client.closed).toBe(closeCodes.dropped);
});

it('does not let dot segments lead to another resource', async () => {
  const { room } = server.sample;
  const { port } = new URL(server.url);
  for (const dots of ['..', '%2e%2e', '.%2E']) {
    const socket = connect(Number(port), '127.0.0.1');
    const target = `/v1/rooms/${room}/participants/${dots}`;
    socket.end(
      `DELETE ${target} HTTP/1.1\r\nHost: e\r\nConnection: close\r\nAuthorization: ${mauthHeader(server.sample)}\r\n\r\n`,
    );
    let text = '';
    for await (const chunk of socket) text += String(chunk);
    expect(text).toMatch(/^HTTP\/1\.1 400 /);
  }
  expect((await call(server.sample, 'GET', `/v1/rooms/${room}`)).status).toBe(200);
});
