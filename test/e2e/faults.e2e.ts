// Owns the proof that the parts of a cluster may die (spec cluster §8, F1–F6 and F14): the real process is killed, held
// still or cut off, and clients of both protocols watch what they are told. Mixers (F9, F10) and the sample page are in
// cluster-rooms.e2e.ts, Redis (F3) in test/chaos, what has no worker yet (F7, F8, F11, F12) in edge/management.
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Notice } from '../../schemas/notice.ts';
import { inTime, receive, send } from '../support/call.ts';
import type { EdgeMember, WorkerMember } from '../support/cluster.ts';
import { isCrowded } from '../support/crowded.ts';
import { startCuttableProxy } from '../support/cuttable-proxy.ts';
import { type IoVersion, OwtClient } from '../support/owt-client.ts';
import { SignalClient } from '../support/signal-client.ts';
import { config, type PlaceName, TwoRegions } from '../support/two-regions.ts';

const isLong = process.env.SLUICE_LONG === '1';
const owtVersions = ['2.5.0', '4.8.4'] as const;
const endings: readonly Notice['type'][] = [
  'participant-left',
  'stream-removed',
  'session-ended',
  'transport-failed',
];
const failed = ({ status, data }: Readonly<Record<string, unknown>>) =>
  status === 'error' && data === 'Node lost';
const soon = { timeout: 30_000, interval: 100 };

let regions: TwoRegions;
let workers: WorkerMember;
const ends: (() => void)[] = [];

beforeAll(async () => {
  regions = await TwoRegions.start([{ place: 'west' }, { place: 'east' }]);
  const [west] = regions.hosts;
  if (west === undefined) throw new Error('no workers');
  workers = west;
});
afterAll(() => regions.stop());
afterEach(() => {
  for (const end of ends.splice(0)) end();
});

/** One more edge in the west, known to the others. */
async function thirdEdge(): Promise<EdgeMember> {
  const edge = await regions.cluster.edge({ config: config('west') });
  const { host } = new URL(edge.url);
  await vi.waitFor(async () => {
    expect((await regions.nodes()).some(({ portal }) => portal?.host === host)).toBe(true);
  }, soon);
  return edge;
}

/** A call from west to east; what it is told is looked at by `goesOn`. */
async function call(room: string) {
  const speaker = await regions.join(room, 'speaker', 'west');
  const listener = await regions.join(room, 'listener', 'east');
  const sending = await send(speaker);
  const receiving = await receive(listener, sending.session.id);
  ends.push(
    sending.close,
    receiving.close,
    () => speaker.break(),
    () => listener.break(),
  );
  await inTime(receiving.firstPacket);
  return {
    speaker,
    listener,
    async goesOn(): Promise<void> {
      const { packets } = receiving.receiver;
      await vi.waitFor(() => expect(receiving.receiver.packets).toBeGreaterThan(packets + 100), soon);
      const told = [...speaker.notices, ...listener.notices].map(({ type }) => type);
      expect(told.filter((type) => endings.includes(type))).toEqual([]);
    },
  };
}

/** How long `work` took; what was late while others had the machine proves nothing. */
async function within(ms: number, work: () => Promise<unknown>): Promise<void> {
  const from = performance.now();
  await work();
  const tookMs = Math.round(performance.now() - from);
  console.log(JSON.stringify({ test: expect.getState().currentTestName, tookMs }));
  if (!isCrowded()) expect(tookMs).toBeLessThan(ms);
}

it('cluster#18 cluster#19 F1 F2: two of four edges die at once, the others need no majority, and no call notices', async () => {
  const room = await regions.newRoom();
  const doomed = await Promise.all([thirdEdge(), thirdEdge()]);
  const { goesOn } = await call(room);
  for (const edge of doomed) edge.kill('SIGKILL');
  expect((await regions.tenant.ask('GET', `/v1/rooms/${room}`)).status).toBe(200);
  // A token may name the dead edge until its silence is noticed.
  await within(10_000, async () => {
    const late = await vi.waitFor(() => regions.join(room, 'late', 'west'), soon);
    ends.push(() => late.break());
  });
  await goesOn();
});

it('cluster#19 F4: OWT applications whose edge is gone for good log in again with a new token', async () => {
  const room = await regions.newRoom();
  const doomed = await thirdEdge();
  const watcher = await regions.join(room, 'watcher', 'east');
  ends.push(() => watcher.break());
  const enter = async (version: IoVersion, at?: string): Promise<OwtClient> => {
    const client = await OwtClient.join(version, await regions.token(room, version, 'west'), at);
    ends.push(() => client.close());
    return client;
  };
  const first = await Promise.all(owtVersions.map((version) => enter(version, doomed.url)));
  doomed.kill('SIGKILL');
  await Promise.all(first.map((client) => client.notification('disconnect')));
  await within(10_000, () =>
    Promise.all(
      owtVersions.map(async (version) => {
        const again = await vi.waitFor(() => enter(version), soon);
        await again.publish();
      }),
    ),
  );
  if (!isLong) return;
  // Those who were there before leave once nobody can expect them back.
  for (const { login } of first)
    await watcher.notice(
      (notice) => notice.type === 'participant-left' && notice.participant === login?.id,
      45_000,
    );
});

describe('the edge that conducts a room', () => {
  interface Conducted extends Awaited<ReturnType<typeof call>> {
    readonly room: string;
    readonly conductor: EdgeMember;
    readonly first: SignalClient;
    readonly node: string;
  }
  /** A room conducted by an edge that can be spared, with a call through the two others. */
  async function conducted(tries = 3): Promise<Conducted> {
    const room = await regions.newRoom();
    const conductor = await thirdEdge();
    const first = await SignalClient.join(conductor.url, await regions.token(room, 'first', 'west'));
    ends.push(() => first.break());
    const node = await vi.waitFor(async () => {
      const id = await regions.conductor(room);
      if (id === undefined) throw new Error('nobody conducts');
      return id;
    }, soon);
    const parties = await call(room);
    const still = await regions.conductor(room);
    if (still !== node && tries > 1) {
      // It had no processor for as long as its lease holds, so another took over, as it should.
      conductor.kill('SIGKILL');
      return conducted(tries - 1);
    }
    expect(still).toBe(node);
    return { room, conductor, first, node, ...parties };
  }
  const conductsAnother = (room: string, than: string) =>
    vi.waitFor(
      async () => {
        const node = await regions.conductor(room);
        expect(node).toBeDefined();
        expect(node).not.toBe(than);
      },
      { ...soon, interval: 20 },
    );

  it('cluster#18 cluster#19 F5: is killed, another conducts within 3 s, and nobody is dropped', async () => {
    const { room, conductor, node, goesOn, listener } = await conducted();
    conductor.kill('SIGKILL');
    await within(3_000, () => conductsAnother(room, node));
    await goesOn();
    // What has to be placed is placed by the new one.
    const next = await vi.waitFor(() => send(listener), soon);
    next.close();
  });

  it('cluster#18 F5: is held still, another conducts, and the old one acts no more when it comes back', async () => {
    const { room, conductor, first, node, speaker, listener, goesOn } = await conducted();
    conductor.kill('SIGSTOP');
    await within(3_000, () => conductsAnother(room, node));
    const say = (who: SignalClient, message: string) =>
      who.ask({ do: 'text', request: { to: 'all', message } });
    await say(speaker, 'without it');
    await goesOn();
    conductor.kill('SIGCONT');
    const heard = (message: string) => (notice: Notice) =>
      notice.type === 'text' && notice.message === message;
    await first.notice(heard('without it'), 30_000);
    await vi.waitFor(() => say(first, 'back'), soon);
    await listener.notice(heard('back'));
    expect(listener.notices.filter(heard('back'))).toHaveLength(1);
    expect(await regions.conductor(room)).not.toBe(node);
    await goesOn();
    conductor.kill('SIGKILL');
  });
});

describe('a media worker with OWT applications', () => {
  async function enter(version: IoVersion, room: string, user: string, place: PlaceName): Promise<OwtClient> {
    const client = await OwtClient.join(version, await regions.token(room, user, place));
    ends.push(() => client.close());
    return client;
  }

  it.each([
    ['cluster#19 F6: is killed', '2.5.0', 'SIGKILL', 2_000],
    ['cluster#19 F6: is killed', '4.8.4', 'SIGKILL', 2_000],
    ['cluster#20 F6: is held still', '4.8.4', 'SIGSTOP', 6_000],
  ] as const)(
    '%s: clients of %s are told, stay, and publish again',
    async (_what, version, signal, toldMs) => {
      const room = await regions.newRoom();
      const ann = await enter(version, room, 'ann', 'west');
      const bob = await enter(version, room, 'bob', 'east');
      const camera = await vi.waitFor(() => ann.publish(), { timeout: 30_000, interval: 500 });
      await bob.notification('stream', ({ id, status }) => id === camera && status === 'add');
      await bob.subscribe(camera);

      const [pid] = workers.workers;
      if (pid === undefined) throw new Error('no worker');
      await within(toldMs, async () => {
        process.kill(pid, signal);
        await ann.notification('progress', failed);
        await bob.notification('stream', ({ id, status }) => id === camera && status === 'remove');
      });
      const again = await vi.waitFor(() => ann.publish(), { timeout: 30_000, interval: 500 });
      await bob.notification('stream', ({ id, status }) => id === again && status === 'add');
      await bob.subscribe(again);
      const left = ({ action }: Readonly<Record<string, unknown>>) => action === 'leave';
      for (const client of [ann, bob]) {
        expect(client.told('drop').concat(client.told('disconnect'))).toEqual([]);
        expect(client.told('participant').filter(left)).toEqual([]);
      }
    },
  );
});

it('cluster#3 cluster#19 F14: a worker that is cut off from Redis is given up, drops what it had, and serves again', async () => {
  const room = await regions.newRoom();
  const redis = await startCuttableProxy(regions.cluster.redis.url.replace('redis:', 'http:'));
  // Nobody else serves that place.
  const place = '[cluster]\nregions = ["island"]\nisps = ["alpha"]';
  const redisUrl = redis.url.replace('http:', 'redis:');
  const host = await regions.cluster.workers({ config: place, redisUrl, args: ['--processes', '1'] });
  try {
    const islander = async (user: string): Promise<SignalClient> => {
      const body = { user, role: 'presenter', preference: { isp: 'alpha', region: 'island' } };
      const issued = await regions.tenant.ask('POST', `/v1/rooms/${room}/tokens`, body);
      return SignalClient.join(regions.edges.west.url, String(issued.body));
    };
    const edge = await regions.cluster.edge({ config: place });
    const ann = await vi.waitFor(() => islander('ann'), soon);
    ends.push(() => ann.break());
    const before = await vi.waitFor(() => send(ann), soon);
    redis.cut();
    const ended = (notice: Notice) =>
      notice.type === 'session-ended' &&
      notice.session === before.session.id &&
      notice.reason === 'Node lost';
    await within(6_000, () => ann.notice(ended, 30_000));
    before.close();
    redis.mend();
    const after = await vi.waitFor(() => send(ann), soon);
    after.close();
    expect(host.output()).not.toContain('reached nobody');
    edge.kill('SIGKILL');
  } finally {
    host.kill('SIGKILL');
    await redis.close();
  }
});
