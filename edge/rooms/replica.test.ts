// What goes wrong between an edge and the log: other writers, lost replies, lost publications, damaged bytes.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SluiceError } from '../../schemas/error.ts';
import { createMemoryRoomLog } from '../platform/memory/room-log.ts';
import { nodeRandom } from '../platform/node/random.ts';
import { defaultSettleMs, type LogEntry, type RoomLog } from '../store/room-log.ts';
import type { LiveRoom } from './live-room.ts';
import { decodeRecord } from './record-codec.ts';
import { createScene, done, hear, join, publish, say, to, type Scene } from './scripted-scene.ts';

let scene: Scene;
beforeEach(async () => {
  scene = await createScene();
});
afterEach(() => scene.close());

const through = (over: Partial<RoomLog>) => ({ ports: { log: { ...scene.ports.log, ...over } } });

/** The texts in the log, in order, from its bytes. */
async function texts(): Promise<string[]> {
  const { entries } = await scene.ports.log.open(scene.room);
  return entries.flatMap(({ bytes }) => {
    const event = decodeRecord(bytes)?.event;
    return event?.type === 'text-sent' ? [event.message] : [];
  });
}

describe('two edges on one log', () => {
  it('lose nothing, double nothing and agree, whoever is faster', async () => {
    const rooms = await Promise.all(['e1', 'e2', 'e3'].map((name) => scene.edge(name).open(scene.room)));
    await Promise.all(rooms.map((room, index) => done(room.execute(join(`p${index}`, `e${index + 1}`)))));
    await Promise.all(
      rooms.map(async (room, index) => {
        for (let cid = 1; cid <= 100; cid += 1) {
          await done(room.execute(say(`p${index}`, `${index}.${cid}`), { participant: `p${index}`, cid }));
        }
      }),
    );
    await scene.rest();
    const said = await texts();
    expect(new Set(said).size).toBe(300);
    expect(said).toHaveLength(300);
    for (const index of [0, 1, 2]) {
      const own = said.filter((text) => text.startsWith(`${index}.`));
      expect(own).toEqual(Array.from({ length: 100 }, (_, cid) => `${index}.${cid + 1}`));
    }
    for (const room of rooms) expect(room.state).toEqual(rooms[0]?.state);
  });

  it('decide again after a conflict: one of two gets the last place', async () => {
    const found = await scene.ports.directory.room(scene.room);
    if (!found) throw new Error();
    await scene.ports.directory.updateRoom(found.service, { ...found.room, participantLimit: 1 });
    const a = await scene.edge('e1').open(scene.room);
    const b = await scene.edge('e2').open(scene.room);
    const outcomes = await Promise.all([a.execute(join('p1', 'e1')), b.execute(join('p2', 'e2'))]);
    expect(outcomes.map(({ ok }) => ok).sort()).toEqual([false, true]);
    await scene.rest();
    expect(a.state.participants.size).toBe(1);
    expect(a.state).toEqual(b.state);
  });

  it('learn from the refusal itself what they missed', async () => {
    const a = await scene.edge('e1').open(scene.room);
    let reads = 0;
    const read: RoomLog['read'] = (...args) => {
      reads += 1;
      return scene.ports.log.read(...args);
    };
    const b = await scene.edge('e2', through({ read })).open(scene.room);
    await done(a.execute(join('p1', 'e1')));
    await done(b.execute(join('p2', 'e2')));
    expect(b.state.participants.size).toBe(2);
    expect(reads).toBe(0);
  });

  it('a new conductor clears workers that hold what is over', async () => {
    const worker = await scene.worker('w1');
    const first = scene.edge('e1');
    const a = await first.open(scene.room);
    const b = await scene.edge('e2').open(scene.room);
    await done(a.execute(join('p1', 'e1')));
    await done(a.execute(publish('p1', 's1')));
    await scene.rest();
    await first.close();
    await done(b.execute({ type: 'leave', participant: 'p1' }));
    await scene.rest();
    expect(worker.documents.at(-1)?.transports).toHaveLength(1);
    await scene.clock.advance(500);
    expect(worker.documents.at(-1)?.transports).toEqual([]);
  });

  it('one conducts, and the other takes over when it is gone, documents and lost workers included', async () => {
    const worker = await scene.worker('w1');
    const first = scene.edge('e1');
    const a = await first.open(scene.room);
    const b = await scene.edge('e2').open(scene.room);
    await done(a.execute(join('p1', 'e1')));
    await done(a.execute(publish('p1', 's1')));
    await scene.rest();
    const before = worker.documents.length;
    expect(b.state.streams.get('s1')?.phase).toBe('ready');
    expect(await scene.ports.lease.holder(`room.${scene.room}`)).toBe('e1');

    await first.close();
    await scene.clock.advance(500);
    expect(await scene.ports.lease.holder(`room.${scene.room}`)).toBe('e2');
    expect(worker.documents.length).toBe(before + 1);
    expect(worker.documents.at(-1)?.transports).toEqual(worker.documents.at(-2)?.transports);
    worker.die();
    await scene.clock.advance(5000);
    expect(b.state.transports.size).toBe(0);
  });

  it('a worker that is lost while nobody conducts is found by the next conductor', async () => {
    const worker = await scene.worker('w1');
    await scene.worker('w2');
    const first = scene.edge('e1');
    const a = await first.open(scene.room);
    await done(a.execute(join('p1', 'e1')));
    await done(a.execute(publish('p1', 's1')));
    await scene.rest();
    const { worker: placed } = a.state.transports.get('s1') ?? {};
    expect(placed).toBe('w1');
    await first.close();
    worker.die();
    await scene.ports.registry.remove('w1', 'crash');
    const b = await scene.edge('e2').open(scene.room);
    await scene.clock.advance(3000);
    expect(b.state.transports.size).toBe(0);
  });
});

describe('an append without an answer', () => {
  it.each([
    ['was written', true],
    ['was not written', false],
  ])('that %s is done exactly once', async (_, written) => {
    let failing = false;
    const log = scene.ports.log;
    const flaky = through({
      append: async (room, expected, entries) => {
        if (!failing) return log.append(room, expected, entries);
        failing = false;
        if (written) await log.append(room, expected, entries);
        else await log.append(room, expected, [new Uint8Array([0xc1])]);
        throw new SluiceError('unavailable', 'connection lost');
      },
    });
    const room = await scene.edge('e1', flaky).open(scene.room);
    await done(room.execute(join('p1')));
    failing = true;
    const outcomes = await Promise.all([
      room.execute(say('p1', 'a')),
      room.execute(say('p1', 'b'), { participant: 'p1', cid: 1 }),
    ]);
    expect(outcomes).toMatchObject([{ ok: true }, { ok: true }]);
    await scene.rest();
    expect(await texts()).toEqual(['a', 'b']);
    expect(room.state.seq).toBe((await log.open(scene.room)).seq);
  });

  it('rejects `unavailable` when the log cannot be reached, and goes on when it can', async () => {
    let away = false;
    const log = scene.ports.log;
    const gone = () => Promise.reject(new Error('ECONNREFUSED'));
    const room = await scene
      .edge(
        'e1',
        through({
          append: (...args) => (away ? gone() : log.append(...args)),
          read: (...args) => (away ? gone() : log.read(...args)),
        }),
      )
      .open(scene.room);
    await done(room.execute(join('p1')));
    away = true;
    await expect(room.execute(say('p1', 'a'))).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.not.stringContaining('ECONNREFUSED') as string,
    });
    away = false;
    await done(room.execute(say('p1', 'b')));
    expect(await texts()).toEqual(['b']);
  });
});

describe('publications of the log', () => {
  /** An edge whose subscription can be tampered with. */
  async function watched(): Promise<{
    room: LiveRoom;
    tamper: (change: typeof pass) => void;
    send: Handler;
  }> {
    let change = pass;
    let send: Handler = () => undefined;
    const room = await scene
      .edge(
        'watched',
        through({
          subscribe: (id, handler) => {
            send = handler;
            return scene.ports.log.subscribe(id, (entries, epoch) => {
              for (const batch of change(entries)) handler(batch, epoch);
            });
          },
        }),
      )
      .open(scene.room);
    return { room, send: (entries, epoch) => send(entries, epoch), tamper: (next) => (change = next) };
  }
  type Handler = (entries: readonly LogEntry[], epoch: string) => void;
  const pass = (entries: readonly LogEntry[]): (readonly LogEntry[])[] => [entries];

  it.each([
    ['twice', (entries: readonly LogEntry[]) => [entries, entries]],
    [
      'with every other missing',
      (entries: readonly LogEntry[]) => ((entries[0]?.seq ?? 0) % 2 ? [entries] : []),
    ],
    ['backwards', (entries: readonly LogEntry[]) => [[...entries].reverse()]],
  ])('that come %s are folded once and in order', async (_, change) => {
    const { room, tamper } = await watched();
    const writer = await scene.edge('e2').open(scene.room);
    await done(writer.execute(join('p1', 'e2')));
    await scene.rest();
    const { notices } = hear(room);
    tamper(change);
    for (let count = 0; count < 21; count += 1) {
      await done(writer.execute(say('p1', `${count}`)));
      if (count % 3 === 0) await scene.rest();
    }
    await scene.rest();
    tamper(pass);
    await done(writer.execute(say('p1', 'end')));
    await scene.rest();
    expect(room.state).toEqual(writer.state);
    const heard = to('x', notices()).map((notice) => notice.type === 'text' && notice.message);
    expect(heard).toEqual([...Array.from({ length: 21 }, (_each, index) => `${index}`), 'end']);
  });

  it('an interrupted subscription is followed by a look at the log', async () => {
    const { room, tamper, send } = await watched();
    const writer = await scene.edge('e2').open(scene.room);
    await done(writer.execute(join('p1', 'e2')));
    await scene.rest();
    tamper(() => []);
    await done(writer.execute(say('p1', 'into the silence')));
    await scene.rest();
    expect(room.state.seq).toBe(writer.state.seq - 1);
    send([], room.epoch);
    await scene.rest();
    expect(room.state).toEqual(writer.state);
  });

  it('a replica too far behind takes the snapshot and says so by its epoch', async () => {
    const { room, tamper } = await watched();
    const writer = await scene
      .edge('e2', { settings: { snapshotEvery: 50, keepEntries: 10 } })
      .open(scene.room);
    await done(writer.execute(join('p1', 'e2')));
    await scene.rest();
    const { epoch } = room;
    const { seq } = room.state;
    tamper(() => []);
    for (let count = 0; count < 120; count += 1) await done(writer.execute(say('p1', `${count}`)));
    await scene.rest();
    tamper(pass);
    const { batches } = hear(room);
    await done(writer.execute(say('p1', 'end')));
    await scene.rest();
    expect(room.state).toEqual(writer.state);
    expect(room.epoch).not.toBe(epoch);
    expect(room.since(seq, epoch)).toBeUndefined();
    expect(batches.length).toBeGreaterThan(0);
  });

  it('who is behind when another edge gives the log back goes on from there and misses nothing', async () => {
    const fresh = createMemoryRoomLog({ clock: scene.clock, random: nodeRandom });
    let store = scene.ports.log;
    let deaf = false;
    const lossy: RoomLog = {
      open: (id) => store.open(id),
      append: (...args) => store.append(...args),
      read: (...args) => store.read(...args),
      snapshot: (...args) => store.snapshot(...args),
      remove: (...args) => store.remove(...args),
      restore: (...args) => store.restore(...args),
      subscribe: (id, handler) => {
        const stops = [scene.ports.log, fresh].map((log) =>
          log.subscribe(id, (entries, epoch) => {
            if (!deaf) handler(entries, epoch);
          }),
        );
        return () => stops.forEach((stop) => stop());
      },
    };
    const ahead = await scene.edge('ahead', { ports: { log: lossy } }).open(scene.room);
    const behind = await scene.edge('behind', { ports: { log: lossy } }).open(scene.room);
    await done(ahead.execute(join('p1', 'ahead')));
    await scene.rest();
    const { epoch } = behind;
    const { seq } = behind.state;
    const { notices } = hear(behind);
    deaf = true;
    for (const text of ['a', 'b', 'c']) await done(ahead.execute(say('p1', text)));
    await scene.rest();
    expect(behind.state.seq).toBe(seq);

    store = fresh;
    deaf = false;
    const said = done(ahead.execute(say('p1', 'd')));
    await scene.rest();
    await scene.clock.advance(defaultSettleMs);
    await said;
    await scene.rest();
    await done(behind.execute(say('p1', 'e')));
    await scene.rest();
    expect(behind.state).toEqual(ahead.state);
    const heard = to('x', notices()).map((notice) => notice.type === 'text' && notice.message);
    expect(heard).toEqual(['a', 'b', 'c', 'd', 'e']);
    expect(behind.since(seq, epoch)).toHaveLength(5);
  });

  it('while a log that was given back settles, commands wait: each is done once, in order, and none in vain', async () => {
    const fresh = createMemoryRoomLog({ clock: scene.clock, random: nodeRandom });
    let store = scene.ports.log;
    const appends: number[] = [];
    const lossy: RoomLog = {
      ...scene.ports.log,
      open: (id) => store.open(id),
      read: (...args) => store.read(...args),
      restore: (...args) => store.restore(...args),
      append: (...args) => {
        if (store === fresh) appends.push(scene.clock.now());
        return store.append(...args);
      },
    };
    const room = await scene.edge('e1', { ports: { log: lossy } }).open(scene.room);
    await done(room.execute(join('p1')));
    store = fresh;
    const from = scene.clock.now();
    const outcomes = ['a', 'b', 'c', 'd'].map((text, index) => {
      const by = { participant: 'p1', cid: index + 1 };
      return Promise.all([room.execute(say('p1', text), by), room.execute(say('p1', text), by)]);
    });
    await scene.rest();
    expect((await fresh.read(scene.room, room.state.seq, 10)).entries).toEqual([]);
    await scene.clock.advance(defaultSettleMs - 1);
    expect((await fresh.read(scene.room, room.state.seq, 10)).entries).toEqual([]);
    await scene.clock.advance(1);
    for (const [first, second] of await Promise.all(outcomes)) {
      expect(first).toMatchObject({ ok: true });
      expect(second).toMatchObject({ ok: true, duplicate: true });
    }
    store = scene.ports.log;
    const { entries } = await fresh.open(scene.room);
    const texts = entries.flatMap(({ bytes }) => {
      const event = decodeRecord(bytes)?.event;
      return event?.type === 'text-sent' ? [event.message] : [];
    });
    expect(texts).toEqual(['a', 'b', 'c', 'd']);
    expect(appends.at(-1)).toBe(from + defaultSettleMs);
    expect(appends.length).toBeLessThan(10);
  });

  it('what comes while the log is being opened again is not taken back', async () => {
    // As another server does that has the same data: the same entries in another epoch.
    const fresh = createMemoryRoomLog({ clock: scene.clock, random: nodeRandom });
    let store = scene.ports.log;
    let told: Handler = () => undefined;
    const openings: (() => void)[] = [];
    const slow: RoomLog = {
      ...scene.ports.log,
      append: (...args) => store.append(...args),
      read: (...args) => store.read(...args),
      restore: (...args) => store.restore(...args),
      open: async (id) => {
        const opening = await store.open(id);
        if (store === fresh) await new Promise<void>((go) => openings.push(go));
        return opening;
      },
      subscribe: (id, handler) => {
        told = handler;
        return scene.ports.log.subscribe(id, handler);
      },
    };
    const room = await scene.edge('e1', { ports: { log: slow } }).open(scene.room);
    await done(room.execute(join('p1')));
    await scene.rest();
    const { epoch } = room;
    const { seq } = room.state;
    const { notices } = hear(room);
    store = fresh;
    // Two who find out: a publication of the new log, and an append.
    told([], '');
    await scene.rest();
    const asked = room.execute(say('p1', 'a'));
    await scene.rest();
    // The one that asked first is answered last.
    while (openings.length > 0) {
      openings.pop()?.();
      await scene.rest();
    }
    await scene.clock.advance(defaultSettleMs);
    expect((await asked).ok).toBe(true);
    await scene.rest();
    expect(room.since(seq, epoch)).toHaveLength(1);
    expect(to('x', notices()).filter(({ type }) => type === 'text')).toHaveLength(1);
  });

  it('a log that lost its last writes makes a new epoch, not a lie', async () => {
    const room = await scene.edge('e1').open(scene.room);
    await done(room.execute(join('p1')));
    const { epoch } = room;
    await scene.ports.log.remove(scene.room);
    await scene.ports.log.open(scene.room);
    expect(await room.execute(say('p1', 'lost'))).toMatchObject({ ok: false });
    expect(room.epoch).not.toBe(epoch);
    expect(room.state.participants.size).toBe(0);
  });
});

describe('damaged bytes', () => {
  it.each([
    ['nothing', []],
    ['no MessagePack', [0xc1, 0xff]],
    ['another value', [0x93, 1, 2, 3]],
    ['an unknown event', [0x83, 0xa2, 0x61, 0x74, 1, 0xa4, 0x65, 0x64, 0x67, 0x65, 0xa1, 0x78, 0xa5]],
  ])('%s in an entry: it counts and does nothing', async (_, bytes) => {
    const room = await scene.edge('e1').open(scene.room);
    await done(room.execute(join('p1')));
    const { seq } = room.state;
    await scene.ports.log.append(scene.room, { epoch: room.epoch, seq }, [new Uint8Array(bytes)]);
    await done(room.execute(say('p1', 'on')));
    expect(room.state.seq).toBe(seq + 2);
    expect([...room.state.participants.keys()]).toEqual(['p1']);
    const late = await scene.edge('e2').open(scene.room);
    expect(late.state).toEqual(room.state);
  });

  it('a damaged snapshot begins the room anew', async () => {
    const rooms = scene.edge('e1');
    const room = await rooms.open(scene.room);
    await done(room.execute(join('p1')));
    const at = { epoch: room.epoch, seq: room.state.seq };
    await scene.ports.log.snapshot(scene.room, at, new Uint8Array([1, 2, 3]), at.seq);
    const late = await scene.edge('e2').open(scene.room);
    expect(late.state.document?.name).toBe('room');
    expect(late.state.participants.size).toBe(0);
  });
});

describe('snapshots', () => {
  it('bound the log; who opens later has the same state', async () => {
    await scene.worker('w1');
    const room = await scene.edge('e1').open(scene.room);
    for (const id of ['p1', 'p2', 'p3']) await done(room.execute(join(id)));
    await done(room.execute(publish('p1', 's1')));
    await scene.rest();
    for (let round = 0; round < 50; round += 1) {
      await Promise.all(
        Array.from({ length: 100 }, (_, index) => done(room.execute(say('p2', `${round}.${index}`)))),
      );
    }
    await scene.rest();
    const opened = await scene.ports.log.open(scene.room);
    expect(opened.snapshot?.seq).toBeGreaterThan(4000);
    expect((await scene.ports.log.read(scene.room, 100, 1)).trimmed).toBe(true);
    expect((await scene.ports.log.read(scene.room, room.state.seq - 2000, 1)).trimmed).toBe(false);
    const late = await scene.edge('e2').open(scene.room);
    expect(late.state).toEqual(room.state);
    const { seq } = await done(room.execute(say('p3', 'after the snapshot')));
    await scene.rest();
    expect(late.since(seq - 1, room.epoch)).toHaveLength(1);
  });
});
