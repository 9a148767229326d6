// Owns the tests of rooms that allow certain media engines: which worker mixes for them, and what is told where none can.
import { afterEach, describe, expect, it } from 'vitest';
import type { MediaEngineOrder } from '../../schemas/media-engine.ts';
import type { LiveRoom, NoticeBatch } from './live-room.ts';
import { mixingWishes } from './mixing-wishes.ts';
import { ScriptedRoom } from './scripted-room.ts';
import { createScene, done, hear, join, publish, subscribe, to, type Scene } from './scripted-scene.ts';
import type { ScriptedWorker } from './scripted-worker.ts';

const settings = { transcoders: () => Promise.resolve({ audio: true, video: true }) };
const formats = { decode: ['vp8'], encode: ['vp8'] };

describe('a room that allows certain engines', () => {
  let scene: Scene;
  let room: LiveRoom;
  let told: { notices(): NoticeBatch['notices'] };
  const engines = new Map<ScriptedWorker, readonly string[]>();
  afterEach(() => scene.close());

  /** The worker says from now on that it has these. */
  const says = async (worker: ScriptedWorker, ...has: string[]): Promise<void> => {
    const isNew = !engines.has(worker);
    engines.set(worker, has);
    if (isNew) {
      const announce = worker.announce.bind(worker);
      worker.announce = (over = {}) => {
        const known = [...(engines.get(worker) ?? [])];
        const byEngine = known.map((engine) => ({ engine, ...formats }));
        announce({
          purposes: ['webrtc', 'audio', 'video'],
          load: { webrtc: 0, audio: 0, video: 0 },
          capacity: { isps: [], regions: [], video: formats, engines: known, byEngine },
          ...over,
        });
      };
    }
    worker.announce();
    await scene.rest();
  };

  /** Whose transports are all on the worker `near`, which has only `wasm`; `b` watches the view. */
  const watched = async (mediaEngines: MediaEngineOrder, others: () => Promise<void>) => {
    scene = await createScene(ScriptedRoom.document({ mediaEngines }));
    room = await scene.edge('e1', { settings }).open(scene.room);
    told = hear(room);
    const near = await scene.worker('near');
    await says(near, 'wasm');
    await done(room.execute(join('a')));
    await done(room.execute(join('b')));
    await done(room.execute(publish('a', 's')));
    await scene.rest();
    await done(room.execute({ type: 'mix', actor: 'server', stream: 's', view: 'common' }));
    await others();
    await done(room.execute(subscribe('b', 'sub', `${scene.room}-common`)));
    await scene.rest();
    const tracks = [{ mid: '1', format: { codec: 'vp8' } as const }];
    await near.report(scene.room, [{ type: 'subscription-negotiated', subscription: 'sub', tracks }]);
    await scene.clock.advance(1200);
    await scene.rest();
    return near;
  };
  const ended = () => to('b', told.notices()).filter(({ type }) => type === 'session-ended');
  const pass = async (ms: number) => {
    for (let passed = 0; passed < ms; passed += 200) {
      await scene.clock.advance(200);
      await scene.rest();
    }
  };

  it('is mixed on a worker with the one that it prefers, however far, and its mixers are told', async () => {
    let gpu: ScriptedWorker | undefined;
    await watched(['vaapi', 'wasm'], async () => {
      await says(await scene.worker('soft'), 'cpu', 'wasm');
      gpu = await scene.worker('gpu');
      await says(gpu, 'vaapi', 'wasm');
    });
    expect(room.state.mixing).toEqual({ worker: 'gpu' });
    const mixers = gpu?.documents.at(-1)?.mixers ?? [];
    expect(mixers.find(({ kind }) => kind === 'video')).toMatchObject({ engines: ['vaapi', 'wasm'] });
  });

  it('leaves a worker whose engine fails for one that has it, and for the next engine when none does', async () => {
    const gpus: ScriptedWorker[] = [];
    await watched(['vaapi', 'wasm'], async () => {
      for (const id of ['gpu1', 'gpu2']) {
        const gpu = await scene.worker(id);
        await says(gpu, 'vaapi', 'wasm');
        gpus.push(gpu);
      }
    });
    const first = room.state.mixing?.worker;
    const [here, there] = first === 'gpu1' ? gpus : gpus.toReversed();
    if (here === undefined || there === undefined) throw new Error('two workers');
    await says(here, 'wasm');
    await pass(2000);
    expect(room.state.mixing).toEqual({ worker: there.id });
    await says(there, 'wasm');
    await pass(2000);
    expect(room.state.mixing).toEqual({ worker: 'near' });
    expect(ended()).toEqual([]);
  });

  it('ends the picture with a clear word after a while when nobody has any of them, and goes on when one comes', async () => {
    const near = await watched(['vaapi', 'qsv'], () => Promise.resolve());
    expect(ended()).toEqual([]);
    await pass(5000);
    const reason = 'No media worker has room and an engine that this room allows: vaapi, qsv';
    expect(ended()).toMatchObject([{ session: 'sub', reason }]);
    const gpu = await scene.worker('gpu');
    await says(gpu, 'qsv', 'wasm');
    await done(room.execute(subscribe('b', 'sub2', `${scene.room}-common`)));
    await scene.rest();
    const tracks = [{ mid: '1', format: { codec: 'vp8' } as const }];
    await near.report(scene.room, [{ type: 'subscription-negotiated', subscription: 'sub2', tracks }]);
    await pass(1000);
    expect(room.state.mixing).toEqual({ worker: 'gpu' });
    expect(ended()).toHaveLength(1);
  });
});

describe('what a room asks of the worker that mixes for it', () => {
  const document = ScriptedRoom.document({
    mediaEngines: ['vaapi', 'cpu'],
    mediaOut: { video: { format: [{ codec: 'vp8' }, { codec: 'h265' }] } },
  });
  const wanted = { decode: [], encode: ['h265'] };
  const transcoders = { audio: true, video: true, made: ['h265'] } as const;

  it.each([
    [
      'formats before engines',
      { document, transcoders },
      'video',
      [
        { engines: ['vaapi'], formats: wanted },
        { engines: ['cpu'], formats: wanted },
        { engines: ['vaapi'] },
        { engines: ['cpu'] },
      ],
    ],
    ['nothing for sound', { document, transcoders }, 'audio', [{}]],
    [
      'nothing without wishes',
      { document: ScriptedRoom.document(), transcoders: { audio: true, video: true } },
      'video',
      [{}],
    ],
  ] as const)('is %s', (_what, room, purpose, wishes) => {
    expect(mixingWishes(room, purpose)).toEqual(wishes);
  });
});
