import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { LiveRoom } from './live-room.ts';
import { createScene, done, hear, join, publish, say, subscribe, to, type Scene } from './scripted-scene.ts';

let scene: Scene;
let room: LiveRoom;

beforeEach(async () => {
  scene = await createScene();
  room = await scene.edge('e1').open(scene.room);
});
afterEach(() => scene.close());

const types = (notices: readonly { readonly type: string }[]) => notices.map(({ type }) => type);

describe('opening', () => {
  it('refuses a room that does not exist', async () => {
    await expect(scene.edge('e2').open('0123456789abcdef01234567')).rejects.toMatchObject({
      code: 'room-not-found',
    });
  });

  it('gives all who ask at once the same room, opened once', async () => {
    const rooms = scene.edge('e2');
    const all = await Promise.all(Array.from({ length: 20 }, () => rooms.open(scene.room)));
    expect(new Set(all).size).toBe(1);
    expect(rooms.find(scene.room)).toBe(all[0]);
    expect(room.state.seq).toBe(1);
    expect(room.state.document?.name).toBe('room');
  });

  it('believes what the directory has just said', async () => {
    const entry = await scene.ports.directory.room(scene.room);
    if (!entry) throw new Error('no room');
    const ask = vi.spyOn(scene.ports.directory, 'room');
    const rooms = scene.edge('e2');
    const first = await rooms.open(scene.room, entry);
    expect(ask).not.toHaveBeenCalled();
    expect(first.state.document?.name).toBe('room');
    ask.mockRestore();
  });

  it('reaches a room that lives on another edge, and opens none that lives nowhere', async () => {
    const rooms = scene.edge('e2');
    expect(rooms.all()).toEqual([]);
    await scene.rest();
    const [reached, again] = await Promise.all([rooms.reach(scene.room), rooms.reach(scene.room)]);
    expect(reached?.epoch).toBe(room.epoch);
    expect(again).toBe(reached);
    expect(rooms.all()).toEqual([reached]);
    expect(await rooms.reach('0123456789abcdef01234567')).toBeUndefined();
    await done(room.execute({ type: 'close', reason: 'over' }));
    await scene.rest();
    expect(await rooms.reach(scene.room)).toBeUndefined();
    expect(rooms.all()).toEqual([]);
  });

  it('rejects after close', async () => {
    const rooms = scene.edge('e2');
    await rooms.close();
    await expect(rooms.open(scene.room)).rejects.toMatchObject({ code: 'unavailable' });
  });
});

describe('executing', () => {
  it('resolves once the state holds the events, and before listeners hear of them', async () => {
    const order: string[] = [];
    room.listen(() => order.push('notices'));
    // As a gateway does: some steps between the outcome and the acknowledgement.
    const acknowledged = (async () => {
      const outcome = await (async () => done(room.execute(join('p1'))))();
      expect(room.state.seq).toBe(outcome.seq);
      expect(room.state.participants.has('p1')).toBe(true);
      await Promise.resolve();
      order.push('acknowledgement');
    })();
    await acknowledged;
    await scene.rest();
    expect(order).toEqual(['acknowledgement', 'notices']);
  });

  it('answers refusals with their text and changes nothing', async () => {
    const { seq } = room.state;
    expect(await room.execute(say('stranger', 'hi'))).toMatchObject({ ok: false });
    expect(room.state.seq).toBe(seq);
  });

  it('puts what comes together into one append and one batch of notices', async () => {
    let appends = 0;
    const counting = scene.edge('e2', {
      ports: {
        log: {
          ...scene.ports.log,
          append: (...args) => {
            appends += 1;
            return scene.ports.log.append(...args);
          },
        },
      },
    });
    const other = await counting.open(scene.room);
    const { batches } = hear(other);
    const all = Array.from({ length: 300 }, (_, index) => done(other.execute(join(`p${index}`, 'e2'))));
    const outcomes = await Promise.all(all);
    await scene.rest();
    expect(appends).toBe(1);
    expect(outcomes.map(({ seq }) => seq)).toEqual(Array.from({ length: 300 }, (_, index) => index + 2));
    expect(batches).toHaveLength(1);
    expect(batches[0]?.notices).toHaveLength(300);
    expect(batches[0]?.seqs).toEqual(outcomes.map(({ seq }) => seq));
    expect(batches[0]?.seq).toBe(other.state.seq);
  });

  it('decides each command on what the earlier ones of its batch made of the room', async () => {
    const outcomes = await Promise.all([
      room.execute(say('p1', 'too early')),
      room.execute(join('p1')),
      room.execute(say('p1', 'now')),
      room.execute({ type: 'leave', participant: 'p1' }),
      room.execute(say('p1', 'too late')),
    ]);
    expect(outcomes.map(({ ok }) => ok)).toEqual([false, true, true, true, false]);
  });

  it('recognises a command that it has seen', async () => {
    await done(room.execute(join('p1')));
    const { notices } = hear(room);
    const by = { participant: 'p1', cid: 1 };
    const together = await Promise.all([room.execute(say('p1', 'a'), by), room.execute(say('p1', 'a'), by)]);
    expect(together).toMatchObject([{ ok: true }, { ok: true, duplicate: true }]);
    expect(await room.execute(say('p1', 'a'), by)).toMatchObject({ ok: true, duplicate: true });
    expect(await room.execute(say('p1', 'b'), { participant: 'p1', cid: 5 })).toMatchObject({ ok: true });
    expect(await room.execute(say('p1', 'c'), { participant: 'p1', cid: 3 })).toMatchObject({
      duplicate: true,
    });
    await scene.rest();
    expect(to('p1', notices()).map((notice) => notice.type === 'text' && notice.message)).toEqual(['a', 'b']);
  });

  it('refuses a request that cannot be written, alone among its batch', async () => {
    await done(room.execute(join('p1')));
    let deep: unknown = 'x';
    for (let depth = 0; depth < 500; depth += 1) deep = [deep];
    const command = publish('p1', 's1');
    if (command.type !== 'publish') throw new Error();
    const poisoned = { ...command, request: { ...command.request, attributes: { deep } } };
    const outcomes = await Promise.all([
      room.execute(say('p1', 'before')),
      room.execute(poisoned),
      room.execute(say('p1', 'after')),
    ]);
    expect(outcomes).toMatchObject([{ ok: true }, { ok: false }, { ok: true }]);
  });

  it('a listener that throws disturbs nobody', async () => {
    room.listen(() => {
      throw new Error('on purpose');
    });
    const { batches } = hear(room);
    await done(room.execute(join('p1')));
    await scene.rest();
    await done(room.execute(join('p2')));
    await scene.rest();
    expect(batches).toHaveLength(2);
  });

  it('a listener hears only what is folded after it began to listen', async () => {
    await done(room.execute(join('p1')));
    const { notices } = hear(room);
    await done(room.execute(join('p2')));
    await scene.rest();
    expect(notices()).toMatchObject([{ notice: { type: 'participant-joined', participant: { id: 'p2' } } }]);
  });
});

describe('what was missed', () => {
  it('is given in order from any seq that is kept', async () => {
    await done(room.execute(join('p1')));
    const { seq } = await done(room.execute(join('p2')));
    await done(room.execute(say('p2', 'a')));
    await done(room.execute(say('p2', 'b')));
    expect(room.since(seq, room.epoch)).toMatchObject([
      { notice: { type: 'text', message: 'a' } },
      { notice: { type: 'text', message: 'b' } },
    ]);
    expect(room.since(room.state.seq, room.epoch)).toEqual([]);
  });

  it.each([
    ['of another epoch', (live: LiveRoom) => live.since(live.state.seq, 'other')],
    ['of the future', (live: LiveRoom) => live.since(live.state.seq + 1, live.epoch)],
    ['that is no number of an entry', (live: LiveRoom) => live.since(0.5, live.epoch)],
  ])('is not known for a seq %s', (_, ask) => {
    expect(ask(room)).toBeUndefined();
  });

  it('is forgotten in the end, as a bound demands', async () => {
    const small = await scene.edge('e2', { settings: { historyEntries: 10 } }).open(scene.room);
    await done(small.execute(join('p1', 'e2')));
    for (let count = 0; count < 50; count += 1) await done(small.execute(say('p1', `${count}`)));
    expect(small.since(1, small.epoch)).toBeUndefined();
    expect(small.since(small.state.seq - 10, small.epoch)).toHaveLength(10);
  });
});

describe('media', () => {
  it('publish: placed, signaled, reported, announced to everybody', async () => {
    const worker = await scene.worker('w1');
    await done(room.execute(join('p1')));
    await done(room.execute(join('p2')));
    const { notices } = hear(room);
    await done(room.execute(publish('p1', 's1')));
    const reply = await room.signal('s1', 'p1', { type: 'offer', sdp: 'v=0' });
    expect(reply).toEqual({ answer: 'answer to v=0' });
    await scene.rest();
    expect(room.state.transports.get('s1')).toMatchObject({ worker: 'w1', phase: 'ready' });
    expect(worker.signals[0]).toMatchObject({ room: scene.room, transport: 's1' });
    expect(types(to('p2', notices()))).toEqual(['stream-added']);
    expect(types(to('p1', notices()))).toEqual(
      expect.arrayContaining(['transport-ready', 'session-ready', 'stream-added']),
    );

    await done(room.execute(subscribe('p2', 's2', 's1')));
    await room.signal('s2', 'p2', { type: 'offer', sdp: 'v=0' });
    await scene.rest();
    expect(room.state.subscriptions.get('s2')?.phase).toBe('ready');
    expect(worker.documents.at(-1)?.transports.map(({ id }) => id)).toEqual(['s1', 's2']);
    expect(await room.stats('s2')).toMatchObject({ transport: 's2', state: 'connected' });
  });

  it('an offer is answered only by a worker that holds what was asked for before it', async () => {
    const worker = await scene.worker('w1');
    await done(room.execute(join('p1')));
    await done(room.execute(publish('p1', 's1')));
    await scene.rest();
    await done(room.execute(publish('p1', 's2', 's1', ['2', '3'])));
    for (let count = 0; count < 5; count += 1) await done(room.execute(say('p1', 'nothing for a worker')));
    const answered = room.signal('s1', 'p1', { type: 'offer', sdp: 'v=0' });
    await scene.rest();
    await answered;
    const version = worker.signals.at(-1)?.version ?? NaN;
    const first = worker.documents.find((document) => document.version >= version);
    expect(first?.transports[0]?.publications.map(({ id }) => id)).toEqual(['s1', 's2']);
  });

  it('documents come in order, and none when nothing changed for the worker', async () => {
    const worker = await scene.worker('w1');
    await done(room.execute(join('p1')));
    for (const session of ['s1', 's2', 's3', 's4']) {
      await done(room.execute(publish('p1', session)));
      await done(room.execute(say('p1', 'talk')));
      if (session !== 's3') await scene.rest();
    }
    await scene.rest();
    const versions = worker.documents.map(({ version }) => version);
    expect(versions).toEqual([...new Set(versions)].sort((a, b) => a - b));
    const count = worker.documents.length;
    for (let index = 0; index < 5; index += 1) await done(room.execute(say('p1', 'talk')));
    await done(room.execute(join('p2')));
    await scene.rest();
    expect(worker.documents).toHaveLength(count);
  });

  it('a document is sent again until it is acknowledged, the newest then', async () => {
    const worker = await scene.worker('w1');
    worker.deaf = true;
    await done(room.execute(join('p1')));
    await done(room.execute(publish('p1', 's1')));
    await scene.clock.advance(1000);
    await done(room.execute(publish('p1', 's2')));
    await scene.clock.advance(1000);
    worker.deaf = false;
    await scene.clock.advance(8000);
    expect(worker.documents.map(({ transports }) => transports.map(({ id }) => id))).toEqual([['s1', 's2']]);
  });

  it('one document at a time is on its way', async () => {
    const worker = await scene.worker('w1');
    worker.deaf = true;
    await done(room.execute(join('p1')));
    await done(room.execute(publish('p1', 's1')));
    await scene.rest();
    expect(worker.asked).toBe(1);
    await done(room.execute(publish('p1', 's2')));
    await scene.clock.advance(2000);
    expect(worker.asked).toBe(1);
    await scene.clock.advance(4000);
    expect(worker.asked).toBe(2);
  });

  it('an offer is answered although what was asked before it has been taken back in the same turn', async () => {
    await scene.worker('w1');
    await done(room.execute(join('p1')));
    await done(room.execute(publish('p1', 's1')));
    await scene.rest();
    await Promise.all([
      done(room.execute(publish('p1', 's2', 's1', ['2', '3']))),
      done(room.execute({ type: 'unpublish', actor: { participant: 'p1' }, session: 's2' })),
    ]);
    const reply = room.signal('s1', 'p1', { type: 'offer', sdp: 'v=0' });
    await scene.rest();
    expect(await reply).toEqual({ answer: 'answer to v=0' });
  });

  it('tells a worker when it has nothing of the room any more', async () => {
    const worker = await scene.worker('w1');
    await done(room.execute(join('p1')));
    await done(room.execute(publish('p1', 's1')));
    await scene.rest();
    await done(room.execute({ type: 'leave', participant: 'p1' }));
    await scene.rest();
    expect(worker.documents.at(-1)?.transports).toEqual([]);
    expect(worker.documents.at(-1)?.version).toBe(room.state.seq);
  });

  it("signals only the participant's own transports", async () => {
    await scene.worker('w1');
    await done(room.execute(join('p1')));
    await done(room.execute(publish('p1', 's1')));
    const offer = { type: 'offer', sdp: '' } as const;
    for (const [transport, participant] of [
      ['s1', 'p2'],
      ['s9', 'p1'],
    ] as const) {
      await expect(room.signal(transport, participant, offer)).rejects.toMatchObject({
        code: 'not-found',
        message: `Transport ${transport} does NOT exist`,
      });
    }
    await expect(room.stats('s9')).rejects.toMatchObject({ message: 'Transport s9 does NOT exist' });
  });

  it('signaling waits for a worker', async () => {
    await done(room.execute(join('p1')));
    await done(room.execute(publish('p1', 's1')));
    const reply = room.signal('s1', 'p1', { type: 'offer', sdp: 'v=0' });
    await scene.clock.advance(2000);
    await scene.worker('w1');
    await scene.clock.advance(200);
    expect(await reply).toEqual({ answer: 'answer to v=0' });
  });

  it('without any worker signaling and then the transport are given up', async () => {
    await done(room.execute(join('p1')));
    const { notices } = hear(room);
    await done(room.execute(publish('p1', 's1')));
    const reply = room.signal('s1', 'p1', { type: 'offer', sdp: 'v=0' }).catch((error: unknown) => error);
    await scene.clock.advance(4900);
    expect(room.state.transports.has('s1')).toBe(true);
    await scene.clock.advance(300);
    expect(await reply).toMatchObject({ message: expect.stringMatching(/^Transport s1 /) as string });
    expect(room.state.transports.size).toBe(0);
    expect(to('p1', notices())).toContainEqual({
      type: 'transport-failed',
      transport: 's1',
      reason: 'No worker available',
    });
  });

  it('a transport that ends while signaling waits does not exist', async () => {
    await done(room.execute(join('p1')));
    await done(room.execute(publish('p1', 's1')));
    const reply = room.signal('s1', 'p1', { type: 'offer', sdp: 'v=0' }).catch((error: unknown) => error);
    await done(room.execute({ type: 'leave', participant: 'p1' }));
    expect(await reply).toMatchObject({ code: 'not-found', message: 'Transport s1 does NOT exist' });
  });

  it.each([
    undefined,
    {},
    { worker: 'w1', room: 'another', items: [] },
    { worker: 'w1', room: '', items: [{ type: 'nonsense' }] },
  ])('refuses the malformed report %j', async (report) => {
    await scene.rest();
    await expect(scene.ports.bus.request(`room.${scene.room}.reports`, report, 1000)).rejects.toMatchObject({
      code: 'bad-request',
    });
  });

  it('a report that comes twice, or of what is gone, is acknowledged and changes nothing', async () => {
    const worker = await scene.worker('w1');
    await done(room.execute(join('p1')));
    await done(room.execute(publish('p1', 's1')));
    await scene.rest();
    const { seq } = room.state;
    const items = worker.readiness();
    expect(items.length).toBeGreaterThan(1);
    await worker.report(scene.room, items);
    await worker.report(scene.room, [{ type: 'publication-failed', publication: 'gone', reason: 'x' }]);
    expect(room.state.seq).toBe(seq);
  });
});

describe('lost workers', () => {
  it('cluster#19 F6: what was on it ends, owners are told, participants stay and publish anew', async () => {
    const first = await scene.worker('w1');
    await done(room.execute(join('p1')));
    await done(room.execute(join('p2')));
    await done(room.execute(publish('p1', 's1')));
    await scene.rest();
    await done(room.execute(subscribe('p2', 's2', 's1')));
    await scene.rest();
    const { notices } = hear(room);
    first.die();
    await scene.clock.advance(5000);
    expect(room.state.transports.size + room.state.streams.size + room.state.subscriptions.size).toBe(0);
    expect([...room.state.participants.keys()]).toEqual(['p1', 'p2']);
    expect(to('p1', notices())).toContainEqual({
      type: 'transport-failed',
      transport: 's1',
      reason: 'Node lost',
    });
    expect(to('p2', notices())).toContainEqual({ type: 'stream-removed', stream: 's1' });

    const second = await scene.worker('w2');
    await done(room.execute(publish('p1', 's3')));
    await scene.rest();
    expect(room.state.streams.get('s3')?.phase).toBe('ready');
    expect(second.documents.at(-1)?.transports).toHaveLength(1);
  });

  it('a worker that died before anything was placed on it is found out', async () => {
    const worker = await scene.worker('w1');
    await done(room.execute(join('p1')));
    const pick = scene.ports.registry.pick(
      { purpose: 'webrtc', task: 'sure', origin: { isp: '', region: '' } },
      scene.clock.now(),
    );
    expect(await pick).toEqual({ worker: 'w1' });
    worker.die();
    await scene.ports.registry.remove('w1', 'crash');
    await done(room.execute(publish('p1', 's1')));
    await done(room.execute({ type: 'place-transport', transport: 's1', worker: 'w1' }));
    await scene.clock.advance(1000);
    expect(room.state.transports.size).toBe(0);
  });
});

describe('the life of a room', () => {
  it('room-model#29 closes 30 s after it became empty and begins anew with the next who comes', async () => {
    const { epoch } = room;
    await done(room.execute(join('p1')));
    await scene.clock.advance(60_000);
    await done(room.execute({ type: 'leave', participant: 'p1' }));
    await scene.clock.advance(29_900);
    expect(room.state.document).toBeDefined();
    await scene.clock.advance(200);
    expect(room.state.document).toBeUndefined();
    expect(await room.execute(join('late'))).toMatchObject({
      ok: false,
      refusal: { code: 'room-not-found' },
    });
    expect(await room.execute({ type: 'leave', participant: 'p1' })).toMatchObject({ ok: true });
    const again = await scene.edge('e2').open(scene.room);
    expect(again.epoch).not.toBe(epoch);
    expect(again.state.seq).toBe(1);
  });

  it('the time begins anew with everyone who comes and goes', async () => {
    await scene.clock.advance(10_000);
    await done(room.execute(join('p1')));
    await scene.clock.advance(10_000);
    await done(room.execute({ type: 'leave', participant: 'p1' }));
    await scene.clock.advance(29_900);
    expect(room.state.document).toBeDefined();
    await scene.clock.advance(200);
    expect(room.state.document).toBeUndefined();
  });

  it('closes too when nobody ever came', async () => {
    await scene.clock.advance(30_100);
    expect(room.state.document).toBeUndefined();
  });

  it.each(['join', 'open'] as const)('room-model#29 a %s within that time keeps it', async (how) => {
    const rooms = scene.edge('e2', { settings: { idleMs: 10_000 } });
    const other = await rooms.open(scene.room);
    await scene.clock.advance(9900);
    if (how === 'join') await done(other.execute(join('p1', 'e2')));
    else await rooms.open(scene.room);
    await scene.clock.advance(9900);
    expect(other.state.document).toBeDefined();
    expect(rooms.find(scene.room)).toBe(other);
  });

  it('a closed room tells everybody, clears its workers and is no longer found', async () => {
    const rooms = scene.edge('solo');
    const other = await rooms.open(scene.room);
    const worker = await scene.worker('w1');
    await done(other.execute(join('p1', 'solo')));
    await done(other.execute(publish('p1', 's1')));
    await scene.rest();
    const { notices } = hear(other);
    await done(other.execute({ type: 'close', reason: 'Room destruction' }));
    expect(rooms.find(scene.room)).toBeUndefined();
    const next = rooms.open(scene.room);
    await scene.rest();
    expect(types(to('p1', notices()))).toContain('dropped');
    expect(worker.documents.at(-1)?.transports).toEqual([]);
    expect((await next).state.seq).toBe(1);
    expect(scene.lines.filter((line) => line.includes(' error '))).toEqual([]);
  });
});
