// Owns the proof that what nobody waits for is done by a cluster: webhooks told over HTTP, rooms that close at their time,
// whichever edge lives then.
import { createHmac } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import * as v from 'valibot';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { webhookDeliverySchema, webhookSchema, type WebhookEvent } from '../../schemas/webhook.ts';
import { type EdgeMember, TestCluster } from '../support/cluster.ts';
import { managementCall } from '../support/management-call.ts';
import { sampleToken, SignalClient } from '../support/signal-client.ts';

let cluster: TestCluster;
let first: EdgeMember;
let second: EdgeMember;
let receiver: Server;
let url: string;
let events: WebhookEvent[];
/** Of the next delivery; 200 after that. */
let nextStatus = 200;
const secret = 'sixteen characters or more';
const config = '[webhooks]\nprivate_addresses = true';

beforeAll(async () => {
  cluster = await TestCluster.start();
  [first, second] = [await cluster.edge({ config }), await cluster.edge({ config })];
  events = [];
  receiver = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
    request.on('end', () => {
      const [, time = '', mac = ''] =
        /^t=(\d+),v1=([0-9a-f]{64})$/.exec(String(request.headers['x-sluice-signature'])) ?? [];
      const right = createHmac('sha256', secret).update(`${time}.${body}`).digest('hex') === mac;
      response.writeHead(right ? nextStatus : 400).end();
      if (right && nextStatus === 200) {
        events.push(...v.parse(webhookDeliverySchema, JSON.parse(body)).events);
      }
      nextStatus = 200;
    });
  });
  await new Promise<void>((listening) => receiver.listen(0, '127.0.0.1', listening));
  const address = receiver.address();
  url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}/sluice`;
}, 60_000);
afterAll(async () => {
  await cluster.stop();
  receiver.closeAllConnections();
  receiver.close();
});

const patience = { timeout: 30_000, interval: 50 };
const path = () => `/services/${first.sample.id}/webhooks`;
const types = (room?: string) =>
  events.flatMap((event) => (room === undefined || event.room === room ? [event.type] : []));

it('a receiver is told what happens in rooms, signed, and again when it could not hear', async () => {
  const reply = await managementCall(first.url, first.sample, 'POST', path(), { url, secret });
  const { _id } = v.parse(webhookSchema, await reply.json());
  await managementCall(second.url, first.sample, 'POST', `${path()}/${_id}/ping`);
  await vi.waitFor(() => expect(types()).toEqual(['ping']), patience);

  // Edges look at webhooks every five seconds.
  const ann = await vi.waitFor(async () => {
    const client = await SignalClient.join(first.url, await sampleToken(first.url, 'ann'));
    await vi.waitFor(() => expect(types()).toContain('participant.joined'), { timeout: 2000 });
    return client;
  }, patience);
  const room = first.sample.room;
  nextStatus = 503;
  await ann.leave();
  await vi.waitFor(() => expect(types(room)).toContain('participant.left'), patience);
  const left = events.filter(({ type }) => type === 'participant.left');
  expect(left.at(-1)?.participant).toMatchObject({ user: 'ann', role: 'presenter' });
});

it('a room closes at its time for who is inside, though the edge that was told of it is gone', async () => {
  const closesAt = Date.now() + 4000;
  const made = await managementCall(second.url, first.sample, 'POST', '/v1/rooms', {
    name: 'class',
    options: { schedule: { closesAt: new Date(closesAt).toISOString() } },
  });
  const { _id: room } = v.parse(v.object({ _id: v.string() }), await made.json());
  const client = await SignalClient.join(first.url, await sampleToken(first.url, 'ann', room));
  second.kill('SIGKILL');
  await client.notice(({ type }) => type === 'dropped', 30_000);
  expect(Date.now()).toBeGreaterThanOrEqual(closesAt);
  await vi.waitFor(() => expect(types(room)).toContain('schedule.closed'), patience);
  expect(types(room)).toContain('room.closed');
  const late = SignalClient.join(first.url, await sampleToken(first.url, 'bob', room));
  await expect(late).rejects.toThrow('Room is closed');
});
