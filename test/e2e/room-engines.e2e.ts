// Owns the proof that rooms get the media engines that their configuration allows, through REST and on real workers: one
// with a simulated GPU, one with WebAssembly alone. What a room offers follows who lives. No browsers: who watches counts
// packets. Mostly clients are connected to the worker with the GPU, which takes work then however busy the machine is; with
// `SLUICE_LONG=1` they are not, rooms have to land there over a link, and outlive it.
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { ManagementClient } from '../../deploy/rest/management-client.ts';
import { describeGpu } from '../../native/scripted-gpu.ts';
import { TestClient } from '../../workers/webrtc/testing/test-client.ts';
import { type TestGpu, testGpu } from '../gpu/test-gpu.ts';
import { type EdgeMember, TestCluster, type WorkerMember } from '../support/cluster.ts';
import { sampleToken, SignalClient } from '../support/signal-client.ts';

const isLong = process.env.SLUICE_LONG === '1';

interface Mixer {
  readonly kind: string;
  readonly engine: string;
}
interface Stream {
  readonly id: string;
  readonly media: {
    readonly video: { readonly optional: { readonly format: readonly { codec: string }[] } };
  };
}

const hevc = { mediaOut: { video: { format: [{ codec: 'vp8' }, { codec: 'h265' }] } } };

describeGpu('rooms on a worker with a GPU and one without', () => {
  let gpu: TestGpu;
  let cluster: TestCluster;
  let edge: EdgeMember;
  let gpuHost: WorkerMember;
  let rest: ManagementClient;
  const open: { close(): void }[] = [];

  beforeAll(async () => {
    gpu = testGpu();
    cluster = await TestCluster.start();
    edge = await cluster.edge();
    rest = new ManagementClient(edge.url, { service: edge.sample.id, key: edge.sample.key });
    const args = ['--processes', '1'];
    // A crowded machine may take longer than a start would wait.
    const patience = { SLUICE_MEDIA_TRY_SECONDS: '60' };
    const engines = { SLUICE_MEDIA_ENGINES: 'vaapi,wasm' };
    const purposes = isLong ? ['--purposes', 'audio,video'] : [];
    gpuHost = await cluster.workers({
      args: [...args, ...purposes],
      env: { ...gpu.env, ...engines, ...patience },
    });
    await cluster.workers({ args, env: { SLUICE_MEDIA_ENGINES: 'wasm' } });
    const operator = new ManagementClient(edge.url, { service: edge.super.id, key: edge.super.key });
    await vi.waitFor(
      async () => {
        const nodes = (await operator.ask('GET', '/cluster/nodes')).body as {
          capacity: { engines?: string[] };
        }[];
        const engines = nodes.flatMap(({ capacity }) =>
          capacity.engines === undefined ? [] : [capacity.engines.join()],
        );
        expect(engines.sort(), gpuHost.output()).toEqual(['vaapi,wasm', 'wasm']);
      },
      { timeout: 30_000, interval: 200 },
    );
  }, 180_000);
  afterAll(async () => {
    for (const each of open) each.close();
    await cluster.stop();
    gpu.close();
  });

  const create = async (options: object): Promise<string> => {
    const { status, body } = await rest.ask('POST', '/v1.1/rooms', { name: 'engines', options });
    expect(status).toBe(200);
    expect(body).toMatchObject(options);
    return (body as { _id: string })._id;
  };
  const enter = async (room: string): Promise<SignalClient> => {
    const client = await SignalClient.join(edge.url, await sampleToken(edge.url, 'watcher', room));
    open.push({ close: () => client.break() });
    return client;
  };
  /** Subscribes to the view's picture; gives the session's id. */
  const watch = async (client: SignalClient, room: string): Promise<{ id: string; peer: TestClient }> => {
    const peer = new TestClient();
    open.push(peer);
    const offer = await peer.offer([{ mid: '0', kind: 'video', direction: 'recvonly' }]);
    const tracks = [{ type: 'video' as const, mid: '0', from: `${room}-common` }];
    const { id, answer } = await client.subscribe({ media: { tracks } }, offer);
    peer.accept(answer);
    await peer.open();
    return { id, peer };
  };
  const plays = async (peer: TestClient): Promise<void> => {
    const { length } = peer.packets;
    // A view in which nothing moves is sent about once a second.
    await peer.until(() => peer.packets.length > length + 1, 20_000);
  };
  const engineOf = (room: string, engine: string): Promise<void> =>
    vi.waitFor(
      async () => {
        const { body } = await rest.ask('GET', `/v1.1/rooms/${room}/mixers`);
        const mixers = (body as Mixer[]).filter(({ kind }) => kind === 'video');
        expect(mixers.map((each) => each.engine)).toEqual([engine]);
      },
      { timeout: 15_000, interval: 100 },
    );
  const offered = async (room: string): Promise<readonly string[] | undefined> => {
    const { status, body } = await rest.ask('GET', `/v1.1/rooms/${room}/streams`);
    expect(status, JSON.stringify(body)).toBe(200);
    const view = (body as Stream[]).find(({ id }) => id === `${room}-common`);
    return view?.media.video.optional.format.map(({ codec }) => codec);
  };

  it('get the engine that they allow, with a clear word where it is not to be had', async () => {
    const [strict, soft, preferring, nowhere, any] = await Promise.all([
      create({ mediaEngines: ['vaapi', 'qsv'] }),
      create({ mediaEngines: ['wasm'] }),
      create({ mediaEngines: ['qsv', 'vaapi', 'wasm'] }),
      create({ mediaEngines: ['qsv'] }),
      create(hevc),
    ]);
    const refused = await rest.ask('PUT', `/v1.1/rooms/${strict}`, { mediaEngines: ['gpu'] });
    expect(refused.status).toBe(400);
    expect(JSON.stringify(refused.body)).toContain('must be some of vaapi, qsv, cpu, wasm');

    const enterAll = [strict, soft, preferring, nowhere, any].map(enter);
    const [inStrict, inSoft, inPreferring, inNowhere, inAny] = await Promise.all(enterAll);
    if (!inStrict || !inSoft || !inPreferring || !inNowhere || !inAny) throw new Error('five rooms');
    const [strictly, softly] = await Promise.all([watch(inStrict, strict), watch(inSoft, soft)]);
    await Promise.all([engineOf(strict, 'vaapi'), engineOf(soft, 'wasm')]);
    await Promise.all([plays(strictly.peer), plays(softly.peer)]);
    // What nobody can make is not there; what somebody can is.
    expect(await offered(nowhere)).toBeUndefined();
    await expect(watch(inNowhere, nowhere)).rejects.toThrow(/does NOT satisfy/);
    expect(await offered(any)).toEqual(['h265']);

    gpu.inject({ kind: 'lost' });
    const ended = await inStrict.notice(({ type }) => type === 'session-ended', 20_000);
    expect(ended).toMatchObject({ session: strictly.id });
    expect('reason' in ended && ended.reason).toMatch(/vaapi, qsv/);
    await inAny.notice(
      (notice) => notice.type === 'stream-updated' && notice.stream === `${any}-common`,
      20_000,
    );
    expect(await offered(any)).toEqual([]);

    // It is whole again; then its whole machine goes.
    gpu.inject();
    await vi.waitFor(async () => expect(await offered(any)).toEqual(['h265']), {
      timeout: 30_000,
      interval: 200,
    });
    const preferred = await watch(inPreferring, preferring);
    await engineOf(preferring, 'vaapi');
    await plays(preferred.peer);
    gpuHost.kill('SIGKILL');
    if (isLong) {
      await engineOf(preferring, 'wasm');
      await plays(preferred.peer);
    }
    await vi.waitFor(async () => expect(await offered(any)).toEqual([]), { timeout: 20_000, interval: 200 });
    if (isLong) expect(inPreferring.notices.filter(({ type }) => type === 'session-ended')).toEqual([]);
  }, 120_000);
});
