// Owns the proof that a cluster outlives its Redis: media flows on while it is away, no process ends, and control is back
// soon after it is. Nearly all of it is waiting: each case has a cluster of its own, and all of them go on at the same time.
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { inTime, receive, type Receiving, send, type Sending } from '../support/call.ts';
import { type Member, TestCluster } from '../support/cluster.ts';
import { isCrowded } from '../support/crowded.ts';
import { sampleToken, SignalClient } from '../support/signal-client.ts';

const controlWithinMs = 5_000;
const long = process.env.SLUICE_LONG === '1';
const cases = [
  { how: 'stands still', seconds: 10 },
  { how: 'is killed and comes back with its data', seconds: 10 },
  { how: 'is killed and comes back with nothing', seconds: 3 },
  ...(long
    ? [
        { how: 'stands still', seconds: 60 },
        { how: 'stands still', seconds: 420 },
      ]
    : []),
];

interface Scene {
  readonly cluster: TestCluster;
  readonly members: readonly Member[];
  readonly speaker: SignalClient;
  readonly listener: SignalClient;
  readonly sending: Sending;
  readonly receiving: Receiving;
}

const clusters: TestCluster[] = [];
const scenes = new Map<(typeof cases)[number], Scene>();

beforeAll(async () => {
  // One after the other, and before the first Redis goes: no cluster starts while another is looked at.
  for (const each of cases) scenes.set(each, await prepare());
}, 300_000);
afterAll(async () => {
  for (const { sending, receiving } of scenes.values()) {
    sending.close();
    receiving.close();
  }
  await Promise.all(clusters.map((cluster) => cluster.stop()));
});

/** A call from one edge to another. */
async function prepare(): Promise<Scene> {
  const cluster = await TestCluster.start();
  clusters.push(cluster);
  const first = await cluster.edge();
  const [second, workers] = await Promise.all([
    cluster.edge(),
    cluster.workers({ args: ['--processes', '1'] }),
  ]);
  const speaker = await SignalClient.join(first.url, await sampleToken(first.url, 'speaker'));
  const listener = await SignalClient.join(second.url, await sampleToken(second.url, 'listener'));
  const sending = await vi.waitFor(() => send(speaker), { timeout: 20_000, interval: 200 });
  const { id } = sending.session;
  await listener.notice((notice) => notice.type === 'stream-added' && notice.stream.id === id);
  const receiving = await receive(listener, id);
  await inTime(receiving.firstPacket);
  return { cluster, members: [first, second, workers], speaker, listener, sending, receiving };
}

it.concurrent.each(cases)(
  'cluster#19 F3: Redis $how after $seconds s: media flows on, and control returns',
  { timeout: 600_000 },
  async (away) => {
    const { how, seconds } = away;
    const scene = scenes.get(away);
    if (scene === undefined) throw new Error('no call');
    const { cluster, members, speaker, listener, receiving } = scene;

    let back: () => Promise<unknown>;
    if (how === 'stands still') {
      cluster.redis.process.kill('SIGSTOP');
      back = () => Promise.resolve(cluster.redis.process.kill('SIGCONT'));
    } else {
      const redis = await cluster.killRedis();
      back = () => redis.back(how.endsWith('nothing') ? 'nothing' : 'its data');
    }
    let ended = 0;
    for (const member of members) void member.ended.then(() => (ended += 1));
    for (let second = 0; second < seconds; second += 1) {
      const { packets } = receiving.receiver;
      await new Promise((resolve) => setTimeout(resolve, 1000));
      // 200 are sent.
      expect(receiving.receiver.packets - packets).toBeGreaterThan(100);
    }
    await back();
    const from = performance.now();
    const said = (text: string) => (notice: { type: string }) =>
      notice.type === 'text' && 'message' in notice && notice.message === text;
    await vi.waitFor(() => speaker.ask({ do: 'text', request: { to: 'all', message: 'back' } }), {
      timeout: 30_000,
      interval: 50,
    });
    await listener.notice(said('back'), 30_000);
    const tookMs = performance.now() - from;
    console.log(JSON.stringify({ how, seconds, controlAfterMs: Math.round(tookMs) }));
    expect(ended).toBe(0);
    if (!isCrowded()) expect(tookMs).toBeLessThan(controlWithinMs);
    const { packets } = receiving.receiver;
    await vi.waitFor(() => expect(receiving.receiver.packets).toBeGreaterThan(packets + 100), {
      timeout: 10_000,
    });
  },
);
