// Owns the proof that the worker hosts of a cluster can be restarted one after the other while a mixed room lives: the mix
// goes on elsewhere, and who is connected to a host that ends is told so and comes back.
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { ManagementClient } from '../../deploy/rest/management-client.ts';
import { TestClient } from '../../workers/webrtc/testing/test-client.ts';
import { rtpPacket } from '../../workers/webrtc/testing/test-packets.ts';
import { type EdgeMember, TestCluster, type WorkerMember } from '../support/cluster.ts';
import { sampleToken, SignalClient } from '../support/signal-client.ts';

let cluster: TestCluster;
let edge: EdgeMember;

const drain = { SLUICE_DRAIN_SECONDS: '5' };
const host = (purposes: string): Promise<WorkerMember> =>
  cluster.workers({ args: ['--processes', '1', '--purposes', purposes], env: drain });

beforeAll(async () => {
  cluster = await TestCluster.start();
  edge = await cluster.edge();
}, 90_000);
afterAll(() => cluster.stop());

interface Node {
  readonly id: string;
  readonly purposes: readonly string[];
  readonly state: string;
}

async function nodes(purpose: string): Promise<readonly Node[]> {
  const operator = new ManagementClient(edge.url, { service: edge.super.id, key: edge.super.key });
  const { body } = await operator.ask('GET', '/cluster/nodes');
  return (body as Node[]).filter(({ purposes }) => purposes.includes(purpose));
}

const ready = (purpose: string, count: number) =>
  vi.waitFor(
    async () => expect((await nodes(purpose)).filter(({ state }) => state === 'ready')).toHaveLength(count),
    { timeout: 30_000, interval: 200 },
  );

const opus = { type: 111, periodMs: 20, ticks: 960, silence: Buffer.from([0xf8, 0xff, 0xfe]) } as const;

/** Publishes sound and has it mixed; gives the session's id and an end. */
async function speak(client: SignalClient): Promise<{ readonly id: string; close(): void }> {
  const peer = new TestClient();
  const offer = await peer.offer([{ mid: '0', kind: 'audio', direction: 'sendonly', ssrc: 1000 }]);
  const tracks = [{ type: 'audio' as const, mid: '0', source: 'mic' as const }];
  const { id, answer } = await client.publish({ media: { tracks } }, offer);
  peer.accept(answer);
  await peer.open();
  let sequence = 0;
  const speaking = setInterval(() => {
    sequence += 1;
    const timestamp = sequence * opus.ticks;
    peer.send(rtpPacket({ type: opus.type, ssrc: 1000, sequence, timestamp, payload: opus.silence }));
  }, opus.periodMs);
  await client.notice((notice) => notice.type === 'session-ready' && notice.session === id);
  await client.ask({ do: 'stream-control', request: { id, operation: 'mix', data: 'common' } });
  return {
    id,
    close: () => {
      clearInterval(speaking);
      peer.close();
    },
  };
}

async function listen(client: SignalClient, room: string): Promise<TestClient> {
  const peer = new TestClient();
  const offer = await peer.offer([{ mid: '0', kind: 'audio', direction: 'recvonly' }]);
  const tracks = [{ type: 'audio' as const, mid: '0', from: `${room}-common` }];
  const { answer } = await client.subscribe({ media: { tracks } }, offer);
  peer.accept(answer);
  await peer.open();
  await peer.until(() => peer.packets.length > 20, 30_000);
  return peer;
}

it('cluster#19 F10: a mixed room lives through a restart of all worker hosts', async () => {
  const { room } = edge.sample;
  const door = await host('webrtc');
  let mixing = await host('audio,video');
  await Promise.all([ready('webrtc', 1), ready('audio', 1)]);
  const speaker = await SignalClient.join(edge.url, await sampleToken(edge.url, 'speaker'));
  const listener = await SignalClient.join(edge.url, await sampleToken(edge.url, 'listener'));
  const speech = await speak(speaker);
  const heard = await listen(listener, room);

  // The host that mixes: the mix goes on at the next one, and the old one is empty long before its time is up.
  const next = await host('audio,video');
  await ready('audio', 2);
  mixing.kill('SIGTERM');
  await vi.waitFor(
    async () => expect((await nodes('audio')).map(({ state }) => state)).toContain('draining'),
    {
      timeout: 5_000,
      interval: 50,
    },
  );
  expect(await mixing.ended, mixing.output()).toBe(0);
  const { length } = heard.packets;
  await heard.until(() => heard.packets.length > length + 50, 30_000);
  expect(listener.notices.filter(({ type }) => type === 'session-ended')).toEqual([]);
  mixing = next;

  // The host that clients are connected to: their time runs out, they are told, and come back to the next one.
  const newDoor = await host('webrtc');
  await ready('webrtc', 2);
  door.kill('SIGTERM');
  const ended = (id: string) =>
    speaker.notice((notice) => notice.type === 'session-ended' && notice.session === id, 20_000);
  await Promise.all([
    ended(speech.id),
    listener.notice((notice) => notice.type === 'stream-removed', 20_000),
  ]);
  expect(await door.ended, door.output()).toBe(0);
  speech.close();
  heard.close();
  const again = await vi.waitFor(() => speak(speaker), { timeout: 20_000, interval: 300 });
  const heardAgain = await listen(listener, room);
  expect(speaker.notices.filter(({ type }) => type === 'participant-left')).toEqual([]);
  for (const each of [door, mixing]) expect(each.output()).not.toContain('does not answer');
  again.close();
  heardAgain.close();
  await speaker.leave();
  await listener.leave();
  expect([await newDoor.stop(), await mixing.stop()]).toEqual([0, 0]);
});
