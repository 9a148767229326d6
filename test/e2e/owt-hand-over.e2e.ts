// Owns the proof that OWT applications outlive the edge they are connected to, where edges stand behind one address: the
// same participant goes on at another edge, with its media, and is told what it missed.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Notice } from '../../schemas/notice.ts';
import { inTime, receive, type Receiving } from '../support/call.ts';
import { type EdgeMember, TestCluster } from '../support/cluster.ts';
import { type CuttableProxy, startCuttableProxy } from '../support/cuttable-proxy.ts';
import { OwtClient, owtRest } from '../support/owt-client.ts';
import { SignalClient } from '../support/signal-client.ts';

let cluster: TestCluster;
let balancer: CuttableProxy;
let first: EdgeMember;
let second: EdgeMember;
const ends: (() => void)[] = [];

beforeAll(async () => {
  cluster = await TestCluster.start();
  balancer = await startCuttableProxy('http://127.0.0.1:1');
  second = await cluster.edge(behindBalancer());
  await cluster.workers({ args: ['--processes', '1'] });
});
afterAll(async () => {
  await cluster.stop();
  await balancer.close();
});
beforeEach(async () => {
  first = await cluster.edge(behindBalancer());
  balancer.retarget(first.url);
});
afterEach(() => {
  for (const end of ends.splice(0)) end();
  first.kill('SIGKILL');
});

const behindBalancer = () => ({ config: `[public]\nvia_host = "${balancer.url}"` });

async function rest(path: string, body: object): Promise<string> {
  const { status, text } = await owtRest(second.url, second.sample, 'POST', path, body);
  if (status !== 200) throw new Error(`${path}: ${status} ${text}`);
  return text;
}

const token = (room: string, user: string) =>
  rest(`/rooms/${room}/tokens`, {
    user,
    role: 'presenter',
    preference: { isp: 'isp', region: 'region' },
  });

const textsOf = (client: OwtClient) => client.told('text').map(({ message }) => message);
const endings: readonly Notice['type'][] = ['participant-left', 'stream-removed', 'session-ended'];

describe.each(['2.5.0', '4.8.4'] as const)('an OWT application with socket.io client %s', (version) => {
  let ann: OwtClient;
  let bob: SignalClient;
  let receiving: Receiving;

  const say = (message: string) => bob.ask({ do: 'text', request: { to: 'all', message } });
  const hears = (message: string) => ann.notification('text', (data) => data.message === message);

  beforeEach(async () => {
    const created = JSON.parse(await rest('/rooms', { name: 'moved', options: {} })) as { _id: string };
    const room = created._id;
    ann = await OwtClient.join(version, await token(room, 'ann'));
    ends.push(() => ann.close());
    bob = await SignalClient.join(second.url, await token(room, 'bob'));
    const camera = await vi.waitFor(() => ann.publish(), { timeout: 30_000, interval: 500 });
    receiving = await vi.waitFor(() => receive(bob, camera), { timeout: 30_000, interval: 500 });
    ends.push(
      () => receiving.close(),
      () => bob.break(),
    );
    await inTime(receiving.firstPacket);
    await say('before');
    await hears('before');
  });

  /** Bob saw nothing of it: the picture goes on, nobody left. */
  const nothingBroke = async (): Promise<void> => {
    const { packets } = receiving.receiver;
    await vi.waitFor(() => expect(receiving.receiver.packets).toBeGreaterThan(packets + 100), {
      timeout: 10_000,
    });
    expect(bob.notices.filter(({ type }) => endings.includes(type))).toEqual([]);
    expect(ann.told('drop')).toEqual([]);
    expect(ann.relogins).toEqual(['ok']);
  };

  it('cluster#19 F4: goes on at another edge when its own is killed, and nothing is lost', async () => {
    balancer.retarget(second.url);
    first.kill('SIGKILL');
    await ann.notification('disconnect');
    await say('meanwhile');
    await vi.waitFor(() => expect(ann.relogins).toEqual(['ok']), { timeout: 15_000 });
    await say('after');
    await hears('after');
    expect(textsOf(ann).filter((text) => text !== 'before')).toEqual(['meanwhile', 'after']);
    console.log(JSON.stringify(textsOf(ann)));
    await nothingBroke();
    // It is a participant like any other there.
    const again = await ann.publish();
    await bob.notice((notice) => notice.type === 'stream-added' && notice.stream.id === again);
    await ann.ask('logout');
    await bob.notice((notice) => notice.type === 'participant-left');
  });

  it('cluster#19 F4: goes on at another edge when its own is stopped, and is told everything once', async () => {
    balancer.retarget(second.url);
    first.kill('SIGTERM');
    await ann.notification('disconnect');
    await say('meanwhile');
    await vi.waitFor(() => expect(ann.relogins).toEqual(['ok']), { timeout: 15_000 });
    await say('after');
    await hears('after');
    expect(textsOf(ann)).toEqual(['before', 'meanwhile', 'after']);
    await nothingBroke();
  });
});
