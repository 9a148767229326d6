// Owns the tests of the search for a worker that mixes, in a live room with scripted workers.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { LiveRoom } from './live-room.ts';
import { ScriptedRoom } from './scripted-room.ts';
import { createScene, done, join, publish, subscribe, type Scene } from './scripted-scene.ts';
import type { ScriptedWorker } from './scripted-worker.ts';

const settings = { transcoders: () => Promise.resolve({ audio: true, video: true }) };

/** The second, after the first is closed. */
async function replaced(before: Scene, after: Scene): Promise<Scene> {
  await before.close();
  return after;
}

describe('a worker for the mixers', () => {
  let scene: Scene;
  let room: LiveRoom;

  beforeEach(async () => {
    scene = await createScene(ScriptedRoom.document());
    room = await scene.edge('e1', { settings }).open(scene.room);
    await done(room.execute(join('a')));
    await done(room.execute(join('b')));
  });

  afterEach(() => scene.close());

  const worker = async (
    id: string,
    ...purposes: ('webrtc' | 'audio' | 'video')[]
  ): Promise<ScriptedWorker> => {
    const made = await scene.worker(id);
    const announce = made.announce.bind(made);
    made.announce = (over = {}) => {
      const load = Object.fromEntries(purposes.map((purpose) => [purpose, 0]));
      announce({ purposes, load, ...over });
    };
    made.announce();
    await scene.rest();
    return made;
  };

  /** `a` publishes and is mixed, `b` watches. */
  const watched = async (): Promise<void> => {
    await done(room.execute(publish('a', 's')));
    await scene.rest();
    await done(room.execute({ type: 'mix', actor: 'server', stream: 's', view: 'common' }));
    await done(room.execute(subscribe('b', 'sub', `${scene.room}-common`)));
    await scene.rest();
  };

  it('is one that has the transports, when that mixes', async () => {
    const near = await worker('near', 'webrtc', 'audio', 'video');
    await worker('far', 'audio', 'video');
    await watched();
    expect(room.state.mixing).toEqual({ worker: 'near' });
    expect(near.documents.at(-1)?.links).toBeUndefined();
  });

  it('is another one where the transports are on workers that only forward: what is mixed crosses a link', async () => {
    const near = await worker('near', 'webrtc');
    const far = await worker('far', 'audio', 'video');
    await watched();
    expect(room.state.mixing).toEqual({ worker: 'far' });
    expect(far.documents.at(-1)?.transports).toEqual([]);
    expect(far.documents.at(-1)?.mixers.map(({ kind }) => kind)).toEqual(['audio']);
    expect(far.documents.at(-1)?.links).toMatchObject([
      { peer: 'near', incoming: [{ track: 's-0', kind: 'audio' }], outgoing: [] },
    ]);
    const tracks = [{ mid: '1', format: { codec: 'vp8' } as const }];
    await near.report(scene.room, [{ type: 'subscription-negotiated', subscription: 'sub', tracks }]);
    await scene.rest();
    const [link] = near.documents.at(-1)?.links ?? [];
    expect(link?.outgoing.map(({ track }) => track).sort()).toEqual(['s-0', 's-1']);
    expect(link?.incoming).toEqual([{ track: `${scene.room}-common/vp8`, kind: 'video' }]);
  });

  it('is one that can make what clients are offered, and any other while there is none', async () => {
    const mediaOut = { video: { format: [{ codec: 'vp8' }, { codec: 'h265' }] } };
    const other = await createScene(ScriptedRoom.document({ mediaOut }));
    const able = { audio: true, video: true, made: ['h265'] } as const;
    const edge = other.edge('e1', { settings: { transcoders: () => Promise.resolve(able) } });
    [scene, room] = [await replaced(scene, other), await edge.open(other.room)];
    await done(room.execute(join('a')));
    await done(room.execute(join('b')));
    const encodes = (made: ScriptedWorker, encode: string[]): void => {
      const { announce } = made;
      const capacity = { isps: [], regions: [], video: { decode: ['vp8'], encode } };
      made.announce = (over = {}) => announce({ capacity, ...over });
      made.announce();
    };
    const near = await worker('near', 'webrtc', 'audio', 'video');
    encodes(near, ['vp8']);
    const gpu = await worker('gpu', 'audio', 'video');
    encodes(gpu, ['vp8', 'h265']);
    await watched();
    const tracks = [{ mid: '1', format: { codec: 'h265' } as const }];
    await near.report(scene.room, [{ type: 'subscription-negotiated', subscription: 'sub', tracks }]);
    await scene.rest();
    expect(room.state.mixing).toEqual({ worker: 'gpu' });
    gpu.die();
    await scene.clock.advance(6000);
    await scene.rest();
    expect(room.state.mixing).toEqual({ worker: 'near' });
  });

  it('is asked for its room where it has measured what pictures cost, and keeps them then', async () => {
    const near = await worker('near', 'webrtc', 'audio', 'video');
    const far = await worker('far', 'audio', 'video');
    const load = (video: number) => ({ load: { webrtc: 0, audio: 0, video }, cost: { video: 0.3 } });
    near.announce(load(0.7));
    await watched();
    expect(room.state.mixing).toEqual({ worker: 'near' });
    const tracks = [{ mid: '1', format: { codec: 'vp8' } as const }];
    await near.report(scene.room, [{ type: 'subscription-negotiated', subscription: 'sub', tracks }]);
    await scene.rest();
    // It has no room for another picture, only for sound.
    expect(room.state.mixing).toEqual({ worker: 'far' });
    near.announce(load(0));
    far.die();
    await scene.clock.advance(6000);
    await scene.rest();
    expect(room.state.mixing).toEqual({ worker: 'near' });
    near.announce(load(0.9));
    await worker('other', 'audio', 'video');
    await done(room.execute(subscribe('a', 'sub2', `${scene.room}-common`)));
    await scene.clock.advance(6000);
    await scene.rest();
    expect(room.state.mixing).toEqual({ worker: 'near' });
  });

  it('is the one that has the transports where nobody has room for a picture', async () => {
    const near = await worker('near', 'webrtc', 'audio', 'video');
    near.announce({ load: { webrtc: 0, audio: 0, video: 0.7 }, cost: { video: 0.3 } });
    await watched();
    const tracks = [{ mid: '1', format: { codec: 'vp8' } as const }];
    await near.report(scene.room, [{ type: 'subscription-negotiated', subscription: 'sub', tracks }]);
    await scene.rest();
    expect(room.state.mixing).toEqual({ worker: 'near' });
    expect(near.documents.at(-1)?.mixers.map(({ kind }) => kind)).toContain('video');
  });

  it('is another one again when it dies, and nobody who watches is told', async () => {
    await worker('near', 'webrtc');
    const far = await worker('far', 'audio', 'video');
    await watched();
    const other = await worker('other', 'audio', 'video');
    expect(room.state.mixing).toEqual({ worker: 'far' });
    far.die();
    await scene.clock.advance(6000);
    await scene.rest();
    expect(room.state.mixing).toEqual({ worker: 'other' });
    expect(other.documents.at(-1)?.mixers).toHaveLength(1);
    expect(room.state.subscriptions.has('sub')).toBe(true);
  });

  it('is another one when it drains, and stays where it is while there is no other', async () => {
    await worker('near', 'webrtc');
    const far = await worker('far', 'audio', 'video');
    await watched();
    const { announce } = far;
    far.announce = (over = {}) => announce({ state: 'draining', ...over });
    far.announce();
    await scene.clock.advance(5000);
    await scene.rest();
    expect(room.state.mixing).toEqual({ worker: 'far' });
    const other = await worker('other', 'audio', 'video');
    await scene.clock.advance(3000);
    await scene.rest();
    expect(room.state.mixing).toEqual({ worker: 'other' });
    expect(other.documents.at(-1)?.mixers).toHaveLength(1);
    expect(far.documents.at(-1)?.mixers).toEqual([]);
    expect(room.state.subscriptions.has('sub')).toBe(true);
  });

  it('leaves the worker of its clients, too, when that drains', async () => {
    const near = await worker('near', 'webrtc', 'audio', 'video');
    await watched();
    await worker('far', 'audio', 'video');
    const { announce } = near;
    near.announce = (over = {}) => announce({ state: 'draining', ...over });
    near.announce();
    await scene.clock.advance(3000);
    await scene.rest();
    expect(room.state.mixing).toEqual({ worker: 'far' });
    expect(near.documents.at(-1)?.transports).toHaveLength(2);
  });

  it('is kept while it lives, also when another one would be picked by now', async () => {
    const near = await worker('near', 'webrtc');
    const far = await worker('far', 'audio', 'video');
    await watched();
    const { announce } = far;
    far.announce = (over = {}) => announce({ load: { audio: 0.5, video: 0.5 }, ...over });
    await worker('idle', 'audio', 'video');
    await scene.clock.advance(120_000);
    const tracks = [{ mid: '1', format: { codec: 'vp8' } as const }];
    await near.report(scene.room, [{ type: 'subscription-negotiated', subscription: 'sub', tracks }]);
    await scene.rest();
    expect(far.documents.at(-1)?.mixers.map(({ kind }) => kind)).toEqual(['audio', 'video']);
    expect(room.state.mixing).toEqual({ worker: 'far' });
  });

  it('is waited for while all are full', async () => {
    await worker('near', 'webrtc');
    const far = await worker('far', 'audio', 'video');
    far.announce({ load: { audio: 1, video: 1 } });
    const full = far.announce;
    far.announce = (over = {}) => full({ load: { audio: 1, video: 1 }, ...over });
    await scene.rest();
    await watched();
    expect(room.state.mixing).toBeUndefined();
    far.announce = full;
    await scene.clock.advance(3000);
    await scene.rest();
    expect(room.state.mixing).toEqual({ worker: 'far' });
  });

  it('is one for the origin of who is there', async () => {
    await worker('near', 'webrtc');
    const picky = await worker('a-picky', 'audio', 'video');
    const { announce } = picky;
    picky.announce = (over = {}) => announce({ capacity: { isps: [], regions: ['mars'] }, ...over });
    picky.announce();
    await worker('b-far', 'audio', 'video');
    await watched();
    expect(room.state.mixing).toEqual({ worker: 'b-far' });
  });
});
