// Owns the tests of a live room's mixers: where they are placed, and what becomes of them when workers fail.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { LiveRoom } from './live-room.ts';
import { ScriptedRoom } from './scripted-room.ts';
import { createScene, done, hear, join, publish, subscribe, to, type Scene } from './scripted-scene.ts';
import type { ScriptedWorker } from './scripted-worker.ts';

const opus = { codec: 'opus', sampleRate: 48000, channelNum: 2 } as const;
const vp8 = { codec: 'vp8' } as const;
const settings = { transcoders: () => Promise.resolve({ audio: true, video: true }) };

describe('the mixers of a live room', () => {
  let scene: Scene;
  let room: LiveRoom;
  let w1: ScriptedWorker;
  /** What the registry says when it has lost its data. */
  let known: [] | undefined;

  beforeEach(async () => {
    scene = await createScene(ScriptedRoom.document());
    w1 = await scene.worker('w1');
    known = undefined;
    const { registry } = scene.ports;
    const forgetful = {
      ...registry,
      alive: () => (known === undefined ? registry.alive() : Promise.resolve(known)),
    };
    room = await scene.edge('e1', { ports: { registry: forgetful }, settings }).open(scene.room);
    await done(room.execute(join('a')));
    await done(room.execute(join('b')));
    await scene.rest();
  });

  afterEach(() => scene.close());

  /** `a` publishes and is mixed, `b` watches. */
  async function watched(): Promise<void> {
    await done(room.execute(publish('a', 's')));
    await scene.rest();
    await done(room.execute({ type: 'mix', actor: 'server', stream: 's', view: 'common' }));
    await watch('sub');
  }

  async function watch(id: string): Promise<void> {
    await done(room.execute(subscribe('b', id, `${scene.room}-common`)));
    await scene.rest();
    const worker = room.state.transports.get(id)?.worker === 'w1' ? w1 : undefined;
    const tracks = [
      { mid: '0', format: opus },
      { mid: '1', format: vp8 },
    ];
    await worker?.report(scene.room, [{ type: 'subscription-negotiated', subscription: id, tracks }]);
    await scene.rest();
  }

  const mixersOf = (worker: ScriptedWorker) =>
    worker.documents
      .at(-1)
      ?.mixers.map(({ id, outputs }) => `${id.slice(scene.room.length)} ${outputs.length}`);
  const both = ['-common/audio 1', '-common/video 1'];

  it('are placed where its transports are, and told to that worker', async () => {
    await scene.worker('w0');
    await watched();
    expect(room.state.mixing).toEqual({ worker: 'w1' });
    expect(mixersOf(w1)).toEqual(both);
    const tracks = w1.documents.at(-1)?.transports.flatMap((transport) => transport.subscriptions)[0]?.tracks;
    expect(tracks?.map(({ from }) => from)).toEqual([
      `${scene.room}-common/opus_48000_2`,
      `${scene.room}-common/vp8`,
    ]);
    await done(room.execute({ type: 'unsubscribe', actor: 'server', session: 'sub' }));
    await scene.rest();
    expect(mixersOf(w1)).toEqual(['-common/audio 0']);
  });

  it('are placed anew when their worker is lost, with the transports that come then', async () => {
    await watched();
    w1.die();
    const w2 = await scene.worker('w2');
    await scene.clock.advance(5000);
    await scene.rest();
    expect(room.state.mixing).toBeUndefined();
    expect(room.state.streams.size).toBe(0);
    await done(room.execute(publish('a', 's2')));
    await scene.rest();
    await done(room.execute({ type: 'mix', actor: 'server', stream: 's2', view: 'common' }));
    await scene.rest();
    expect(room.state.mixing).toEqual({ worker: 'w2' });
    expect(mixersOf(w2)).toEqual(['-common/audio 0']);
  });

  it.each([
    { what: 'stay where they are while the registry has lost its data', again: true },
    { what: 'are placed anew when the registry goes on not knowing their worker', again: false },
  ])('$what', async ({ again }) => {
    await watched();
    // As Redis does when it comes back empty: nobody is told of a loss, and workers are quiet at first.
    known = [];
    w1.deaf = true;
    await done(room.execute(publish('a', 's2')));
    await scene.rest();
    await scene.clock.advance(5000);
    await scene.rest();
    if (again) known = undefined;
    await scene.clock.advance(2500);
    await scene.rest();
    expect(room.state.mixing).toEqual(again ? { worker: 'w1' } : undefined);
    expect(room.state.streams.has('s')).toBe(again);
  });

  it('are tried again when they fail, and then those who need them are told', async () => {
    await watched();
    const heard = hear(room);
    const video = `${scene.room}-common/video`;
    for (const restMs of [500, 1000]) {
      await w1.report(scene.room, [{ type: 'mixer-failed', mixer: video, reason: 'no thread' }]);
      await scene.rest();
      expect(mixersOf(w1)).toEqual(both.slice(0, 1));
      await scene.clock.advance(restMs);
      await scene.rest();
      expect(mixersOf(w1)).toEqual(both);
    }
    expect(heard.notices()).toEqual([]);
    await w1.report(scene.room, [{ type: 'mixer-failed', mixer: video, reason: 'no thread' }]);
    await scene.rest();
    expect(to('b', heard.notices())).toEqual([
      { type: 'session-ended', transport: 'sub', session: 'sub', reason: 'Mixing or transcoding failed' },
    ]);
    expect(mixersOf(w1)).toEqual(['-common/audio 0']);
    expect(scene.lines.filter((line) => line.includes('a mixer failed'))).toHaveLength(3);
  });

  it('are not asked of a worker that reports failures of mixers it does not have', async () => {
    await watched();
    const w2 = await scene.worker('w2');
    await w2.report(scene.room, [{ type: 'mixer-failed', mixer: `${scene.room}-common/video`, reason: '?' }]);
    await scene.rest();
    expect(mixersOf(w1)).toEqual(both);
  });

  it('are not looked at again because somebody speaks', async () => {
    await watched();
    const asked = w1.asked;
    const speaker = { type: 'speaker', mixer: `${scene.room}-common/audio`, stream: 's' } as const;
    await w1.report(scene.room, [speaker]);
    await scene.rest();
    expect(room.state.views.get('common')?.activeInput).toBe('s');
    expect(w1.asked).toBe(asked);
  });

  it('are closed with the room', async () => {
    await watched();
    await done(room.execute({ type: 'close', reason: 'over' }));
    await scene.rest();
    expect(w1.documents.at(-1)).toMatchObject({ transports: [], mixers: [] });
  });
});
