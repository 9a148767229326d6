import { beforeEach, describe, expect, it } from 'vitest';
import { channels, type Bus } from '../../schemas/bus.ts';
import type { DesiredRoom } from '../../schemas/worker.ts';
import type { LinkNode } from '../link/node.ts';
import type { MixNode } from '../mixing/node.ts';
import { Routers } from '../routing/routers.ts';
import type { WebRtcNode } from '../webrtc/node.ts';
import { DeviceWatch } from '../devices/device-watch.ts';
import type { EngineChoice } from '../engine/engine-choice.ts';
import { DeviceBudget } from '../mixing/device-budget.ts';
import { AgentDevice } from './agent-device.ts';
import { startAgent, type Agent, type AgentOptions } from './agent.ts';
import type { MachineLoad } from './machine-load.ts';
import { mixingCapacity } from './mixing-capacity.ts';
import { ReportQueue } from './report-queue.ts';
import { ManualClock } from './testing/manual-clock.ts';

const log = { info: () => undefined, warn: () => undefined, error: () => undefined };
const document = (transports: number): DesiredRoom => ({
  room: 'r',
  version: 1,
  mixers: [],
  transports: Array.from({ length: transports }, (_, index) => ({
    id: String(index),
    participant: 'p',
    publications: [],
    subscriptions: [],
  })),
});

describe('an agent', () => {
  let clock: ManualClock;
  let published: unknown[];
  let serve: (message: unknown) => Promise<unknown>;
  let applied: DesiredRoom[];
  let mixed: DesiredRoom[];
  let routers: Routers;
  let delayMs: number;
  let machine: ReturnType<MachineLoad['take']>;
  let closed: number;
  let options: AgentOptions;
  let agent: Agent;
  let mixing: MixNode;

  beforeEach(() => {
    clock = new ManualClock();
    published = [];
    applied = [];
    mixed = [];
    routers = new Routers();
    delayMs = 0;
    machine = { network: undefined, machine: undefined };
    closed = 0;
    const bus: Bus = {
      publish: (channel, message) => {
        expect(channel).toBe(channels.workers);
        published.push(message);
      },
      subscribe: () => () => undefined,
      request: () => Promise.resolve({ ok: true }),
      serve: (channel, handler) => {
        expect(channel).toBe('worker.w');
        serve = handler;
        return () => undefined;
      },
      close: () => undefined,
    };
    const webrtc: WebRtcNode = {
      udpPort: 1,
      transports: 20,
      apply: (desired) => applied.push(desired),
      signal: (room, transport) => Promise.resolve({ answer: `${room}/${transport}` }),
      stats: (_, transport) => ({ transport, state: 'up', received: [], sent: [] }),
      everyStats: () => [],
      load: () => 0.25,
      close: () => {
        closed++;
        return Promise.resolve();
      },
    };
    mixing = {
      apply: (desired) => mixed.push(desired),
      stats: () => [],
      everyStats: () => [],
      useDevice: () => undefined,
      engines: [],
      load: () => 0.5,
      apart: () => ({ pids: [], cpuMs: 0, memoryBytes: 0 }),
      disturb: () => undefined,
      close: () => {
        closed++;
      },
    };
    options = {
      id: 'w',
      bus,
      clock,
      log,
      reports: new ReportQueue({ worker: 'w', bus, clock, log, lost: () => undefined }),
      loopDelay: { take: () => delayMs, close: () => undefined },
      machineLoad: { take: () => machine },
      purposes: { webrtc, mixing },
      routers,
      maxLoad: 0.85,
      capacity: { isps: ['isp'], regions: [] },
    };
    agent = startAgent(options);
  });

  it('takes documents of the later conductor alone, and lets an earlier one end nothing', async () => {
    const desired = (fence: number, version: number, transports: number) =>
      serve({ type: 'desired', desired: { ...document(transports), fence, version } });
    await desired(2, 10, 1);
    const router = routers.of('r');
    await expect(desired(1, 11, 0)).rejects.toMatchObject({ code: 'operation-failed' });
    // Of this conductor, but late.
    await desired(2, 9, 0);
    expect(routers.of('r')).toBe(router);
    expect(await serve({ type: 'drain', on: false })).toEqual({ rooms: 1 });
    // The log was lost, and its numbers begin anew.
    await desired(3, 1, 2);
    expect(applied.map(({ fence, version }) => [fence, version])).toEqual([
      [2, 10],
      [3, 1],
    ]);
  });

  it('announces itself at once and every second', async () => {
    expect(published).toEqual([
      {
        type: 'alive',
        worker: 'w',
        purposes: ['webrtc', 'audio', 'video'],
        load: { webrtc: 0.5, audio: 0.5, video: 0.5 },
        maxLoad: 0.85,
        state: 'ready',
        capacity: { isps: ['isp'], regions: [], ...mixingCapacity([]) },
      },
    ]);
    await clock.advance(3000);
    expect(published).toHaveLength(4);
  });

  it('offers only what it is told to', () => {
    startAgent({ ...options, offered: ['video', 'recording'] });
    expect(published.at(-1)).toMatchObject({ purposes: ['video'], load: { video: 0.5 } });
  });

  it('announces draining without delay, tells how many rooms it has, and takes work again when asked', async () => {
    await serve({ type: 'desired', desired: document(1) });
    await expect(serve({ type: 'drain', on: true })).resolves.toEqual({ rooms: 1 });
    expect(published.at(-1)).toMatchObject({ state: 'draining' });
    await serve({ type: 'desired', desired: { ...document(2), transports: [], mixers: [] } });
    await expect(serve({ type: 'drain', on: false })).resolves.toEqual({ rooms: 0 });
    expect(published.at(-1)).toMatchObject({ state: 'ready' });
  });

  it('is as full as the machine is for the purpose', async () => {
    machine = { network: 0.8, machine: 0.6 };
    await clock.advance(1000);
    expect(published.at(-1)).toMatchObject({ load: { webrtc: 0.8, audio: 0.6, video: 0.6 } });
  });

  it('says what one more view costs its device, and has room for it beside half-busy processors', async () => {
    const budget = new DeviceBudget({ triedMs: 100 });
    const node = '/dev/dri/renderD128';
    const capabilities = { decode: [], encode: [], maxSize: 4096 };
    const gpu: EngineChoice = { id: 'vaapi', device: node, capabilities };
    const able = { ...mixing, engines: [gpu] };
    const watch = new DeviceWatch(node, '/nowhere');
    const device = new AgentDevice({ host: 'h', node, budget, watch, mixing: able });
    const { webrtc } = options.purposes;
    const own: AgentOptions = { ...options, device, purposes: { webrtc, mixing: able } };
    startAgent(own);
    expect(published.at(-1)).toMatchObject({
      load: { audio: 0.5, video: 0.084 },
      cost: { video: 0.765 },
      device: { node, state: 'used' },
    });
    startAgent({ ...own, offered: ['audio'] });
    expect(published.at(-1)).not.toHaveProperty('cost');
    // Without the device its processors make the pictures.
    budget.state = 'drained';
    startAgent(own);
    expect(published.at(-1)).toMatchObject({ load: { video: 0.5 } });
    expect(published.at(-1)).not.toHaveProperty('cost');
  });

  it('is full while its event loop lags', async () => {
    delayMs = 300;
    await clock.advance(3000);
    expect(published.at(-1)).toMatchObject({ load: { webrtc: 1 } });
  });

  it('serves documents, signals and statistics', async () => {
    await expect(serve({ type: 'desired', desired: document(1) })).resolves.toEqual({ ok: true });
    expect(applied).toEqual([document(1)]);
    expect(mixed).toEqual([document(1)]);
    await expect(serve({ type: 'mixer-stats', room: 'r' })).resolves.toEqual([]);
    await expect(
      serve({ type: 'signal', room: 'r', transport: 't', version: 1, signaling: { type: 'offer', sdp: '' } }),
    ).resolves.toEqual({ answer: 'r/t' });
    await expect(serve({ type: 'stats', room: 'r', transport: 't' })).resolves.toMatchObject({ state: 'up' });
  });

  it('has no links for who asks without being told of any', async () => {
    await expect(serve({ type: 'link-stats' })).resolves.toEqual([]);
    const signal = { type: 'link-signal', from: 'x', signal: { type: 'wanted' } };
    await expect(serve(signal)).rejects.toMatchObject({ code: 'not-found' });
  });

  it('gives documents to links after all that takes what they carry, and other workers their say', async () => {
    const order: string[] = [];
    const said: unknown[] = [];
    const links: LinkNode = {
      apply: ({ room }) => order.push(`links ${room}`),
      signal: (from, signal) => {
        said.push(from, signal);
        return Promise.resolve({ ok: true });
      },
      stats: () => [],
      load: () => 0.25,
      close: () => order.push('closed'),
    };
    const { webrtc } = options.purposes;
    const own = { webrtc: { ...webrtc, apply: () => order.push('webrtc') }, mixing };
    const linked = startAgent({
      ...options,
      links,
      purposes: { ...own, mixing: { ...mixing, apply: () => order.push('mixing') } },
    });
    expect(published.at(-1)).toMatchObject({ load: { webrtc: 0.5 } });
    await serve({ type: 'desired', desired: document(1) });
    await expect(serve({ type: 'link-signal', from: 'x', signal: { type: 'wanted' } })).resolves.toEqual({
      ok: true,
    });
    expect(said).toEqual(['x', { type: 'wanted' }]);
    linked.drop('r');
    await linked.close();
    expect(order).toEqual(['webrtc', 'mixing', 'links r', 'webrtc', 'mixing', 'links r', 'closed']);
  });

  it.each([[undefined], [{}], [{ type: 'desired' }], [{ type: 'signal', room: 'r' }]])(
    'refuses %j',
    async (message) => {
      await expect(serve(message)).rejects.toMatchObject({ code: 'bad-request' });
    },
  );

  it('says good-bye once and ends its media', async () => {
    await agent.close();
    await agent.close();
    expect(published.at(-1)).toEqual({ type: 'quit', worker: 'w' });
    expect(closed).toBe(2);
    const count = published.length;
    await clock.advance(5000);
    expect(published).toHaveLength(count);
  });

  it('lets go of what the purposes shared when a room is over, and not before', async () => {
    await serve({ type: 'desired', desired: document(1) });
    const router = routers.of('r');
    await serve({ type: 'desired', desired: document(2) });
    expect(routers.of('r')).toBe(router);
    await serve({ type: 'desired', desired: document(0) });
    expect(routers.of('r')).not.toBe(router);
  });

  it('ends a room that was given up', () => {
    agent.drop('r');
    expect(applied.at(-1)).toMatchObject({ room: 'r', transports: [] });
    expect(mixed.at(-1)).toMatchObject({ room: 'r', mixers: [] });
  });
});
