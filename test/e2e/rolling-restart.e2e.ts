// Owns the proof that every edge of a cluster can be restarted under load, one after the other, and nobody notices: clients
// of both protocols, behind one balancer and without one, with their media, and callers of the management interface.
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { ManagementClient } from '../../deploy/rest/management-client.ts';
import type { Notice } from '../../schemas/notice.ts';
import { type Balancer, startBalancer } from '../support/balancer.ts';
import { inTime, receive, send } from '../support/call.ts';
import { type EdgeMember, TestCluster } from '../support/cluster.ts';
import { LibraryClient } from '../support/library-client.ts';
import { OwtClient } from '../support/owt-client.ts';

let cluster: TestCluster;
let balancer: Balancer;
let edges: EdgeMember[];
let key: { readonly id: string; readonly key: string; readonly room: string };
let operator: { readonly id: string; readonly key: string };

const env = { SLUICE_EDGE_DRAIN_SECONDS: '8' };
const behind = (): Promise<EdgeMember> =>
  cluster.edge({ config: `[public]\nvia_host = "${balancer.url}"`, env });

beforeAll(async () => {
  cluster = await TestCluster.start();
  balancer = await startBalancer();
  edges = [await behind()];
  const [first] = edges;
  if (first === undefined) throw new Error('no edge');
  ({ sample: key, super: operator } = first);
  edges.push(await behind());
  await Promise.all(edges.map(({ url }) => balancer.add(url)));
  await cluster.workers({ args: ['--processes', '1'] });
  const look = async () => expect(await nodes()).toHaveLength(3);
  await vi.waitFor(look, { timeout: 30_000, interval: 200 });
}, 90_000);
afterAll(async () => {
  await balancer.close();
  await cluster.stop();
});

interface Node {
  readonly id: string;
  readonly purposes: readonly string[];
  readonly state: string;
}

async function nodes(): Promise<readonly Node[]> {
  const asking = new ManagementClient(balancer.url, { service: operator.id, key: operator.key });
  const { body } = await asking.ask('GET', '/cluster/nodes');
  return body as Node[];
}

const tenant = () => new ManagementClient(balancer.url, { service: key.id, key: key.key });

async function token(room: string, user: string): Promise<string> {
  const { status, body } = await tenant().ask('POST', `/v1/rooms/${room}/tokens`, {
    user,
    role: 'presenter',
  });
  if (status !== 200) throw new Error(`no token: ${status} ${JSON.stringify(body)}`);
  return String(body);
}

const numbers = (count: number) => Array.from({ length: count }, (_, at) => String(at + 1));
const endings: readonly Notice['type'][] = ['participant-left', 'stream-removed', 'session-ended'];

it('clients of both protocols and callers of REST live through a restart of all edges', async () => {
  const { room } = key;
  const speaker = await LibraryClient.join(balancer.url, await token(room, 'speaker'));
  // One that knows the balancer only by what its edge says.
  const listener = await LibraryClient.join(edges[1]?.url ?? '', await token(room, 'listener'));
  const owt = await OwtClient.join('4.8.4', await token(room, 'owt'));
  const sending = await send(speaker);
  const receiving = await receive(listener, sending.session.id);
  await inTime(receiving.firstPacket);
  const camera = await owt.publish();
  const ofOwt = await receive(listener, camera);
  await inTime(ofOwt.firstPacket);

  let running = true;
  let said = 0;
  const speaking = (async () => {
    while (running) {
      await speaker.ask({ do: 'text', request: { to: 'all', message: String((said += 1)) } });
      await new Promise((pause) => setTimeout(pause, 20));
    }
  })();
  const statuses: (number | string)[] = [];
  const calling = (async () => {
    while (running) {
      const answer = await tenant()
        .ask('POST', `/v1/rooms/${room}/tokens`, { user: 'visitor', role: 'presenter' })
        .then(({ status }) => status, String);
      statuses.push(answer);
      await new Promise((pause) => setTimeout(pause, 20));
    }
  })();
  const seen: string[] = [];
  const watching = (async () => {
    while (running) {
      for (const { purposes, state } of await nodes().catch(() => []))
        if (purposes.includes('portal')) seen.push(state);
      await new Promise((pause) => setTimeout(pause, 250));
    }
  })();

  const gaps: number[] = [];
  let packets = receiving.receiver.packets;
  const media = setInterval(() => {
    gaps.push(receiving.receiver.packets - packets);
    ({ packets } = receiving.receiver);
  }, 500);

  for (const old of [...edges]) {
    const before = said;
    old.kill('SIGTERM');
    expect(await old.ended, old.output()).toBe(0);
    balancer.remove(old.url);
    edges = edges.filter((each) => each !== old);
    const next = await behind();
    edges.push(next);
    await balancer.add(next.url);
    // Load went on meanwhile, and does now.
    await vi.waitFor(() => expect(said).toBeGreaterThan(before + 50), { timeout: 20_000 });
  }
  running = false;
  clearInterval(media);
  await Promise.all([speaking, calling, watching]);

  await listener.notice((notice) => notice.type === 'text' && notice.message === String(said));
  await owt.notification('text', ({ message }) => message === String(said));
  expect(speaker.ends).toEqual([]);
  expect(listener.ends).toEqual([]);
  expect(owt.told('drop')).toEqual([]);
  expect(listener.texts).toEqual(numbers(said));
  expect(speaker.texts).toEqual(numbers(said));
  expect(owt.told('text').map(({ message }) => message)).toEqual(numbers(said));
  expect(listener.notices.filter(({ type }) => endings.includes(type))).toEqual([]);
  expect(statuses.filter((status) => status !== 200)).toEqual([]);
  expect(statuses.length).toBeGreaterThan(100);
  expect(seen).toContain('draining');
  // Both went elsewhere at least once: an edge without clients proves nothing.
  expect(
    owt.relogins.length + listener.states.filter((state) => state === 'reconnecting').length,
  ).toBeGreaterThan(1);
  // Media never stood still.
  expect(Math.min(...gaps)).toBeGreaterThan(0);

  sending.close();
  receiving.close();
  ofOwt.close();
  owt.close();
  speaker.leave();
  listener.leave();
});
