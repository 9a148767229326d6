// Rooms on a Redis that loses replies, connections, writes and itself: what was acknowledged stays, once and in order.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { LiveRoom } from '../../rooms/live-room.ts';
import { createEdges, insist, join, say, until, type ScriptedEdges } from './scripted-edges.ts';
import { createProxy, type ScriptedProxy } from './scripted-proxy.ts';
import { startRedis, type ScriptedRedis } from './scripted-redis.ts';

let redis: ScriptedRedis;
let proxy: ScriptedProxy;
let edges: ScriptedEdges;

async function begin(args: readonly string[] = []): Promise<void> {
  redis = await startRedis(args);
  proxy = await createProxy(redis.port);
  edges = await createEdges(proxy.url);
}
afterEach(async () => {
  await edges.close();
  await proxy.close();
  await redis.kill();
});

/** Lets the next append that carries `text` reach Redis, and nothing come back. */
async function loseReplyTo(text: string): Promise<void> {
  await new Promise<void>((resolve) => {
    proxy.passing = (bytes) => {
      if (!bytes.includes(text)) return;
      proxy.deaf = true;
      resolve();
    };
  });
  proxy.passing = () => undefined;
  await until(async () =>
    (await redis.admin.xrevrange(logKey(), '+', '-', 'COUNT', 1)).join().includes(text),
  );
}

const logKey = () => `sluice:{${edges.room}}:log`;
const headKey = () => `sluice:{${edges.room}}:head`;

describe('a reply that is lost', () => {
  beforeEach(() => begin());

  it('between append and reply: the command is done once and acknowledged, with or without an id', async () => {
    const { room } = await edges.edge('e1');
    await room.execute(join('p1', 'e1'));
    const lost = loseReplyTo('into the dark');
    const outcomes = Promise.all([
      room.execute(say('p1', 'into the dark 1')),
      room.execute(say('p1', 'into the dark 2'), { participant: 'p1', cid: 1 }),
    ]);
    await lost;
    proxy.deaf = false;
    proxy.cut();
    expect(await outcomes).toMatchObject([{ ok: true }, { ok: true }]);
    expect(await edges.texts()).toEqual(['into the dark 1', 'into the dark 2']);
  });

  it('with the edge: its client does it again on another edge, and it was done', async () => {
    const direct = await edges.edge('e2', { url: redis.url });
    const dying = await edges.edge('e1');
    await dying.room.execute(join('p1', 'e1'));
    const by = { participant: 'p1', cid: 1 };
    const lost = loseReplyTo('last words');
    const never = dying.room.execute(say('p1', 'last words'), by).catch(() => undefined);
    await lost;
    // From here on nothing of that edge counts: as if it had been killed.
    await until(() => direct.room.state.participants.has('p1'));
    const again = await direct.room.execute(say('p1', 'last words'), by);
    expect(again).toMatchObject({ ok: true, duplicate: true });
    expect(await direct.room.execute(say('p1', 'more'), { ...by, cid: 2 })).not.toHaveProperty('duplicate');
    proxy.deaf = false;
    proxy.cut();
    await never;
    expect(await edges.texts()).toEqual(['last words', 'more']);
  });
});

describe('an edge that has missed much', () => {
  beforeEach(() => begin());

  it('more than a refusal holds: takes the rest from the log', async () => {
    const slow = await edges.edge('e1');
    const fast = await edges.edge('e2', { url: redis.url, settings: { snapshotEvery: 1_000_000 } });
    await fast.room.execute(join('p1', 'e2'));
    await until(() => slow.room.state.participants.has('p1'));
    proxy.deaf = true;
    const texts = Array.from({ length: 2500 }, (_, index) => `${index}`);
    await Promise.all(texts.map((text) => fast.room.execute(say('p1', text))));
    proxy.deaf = false;
    proxy.cut();
    expect(await insist(() => slow.room.execute(say('p1', 'end')))).toMatchObject({ ok: true });
    await until(() => fast.room.state.seq === slow.room.state.seq);
    expect(slow.room.state).toEqual(fast.room.state);
    expect(await edges.texts()).toEqual([...texts, 'end']);
  });

  it('more than is kept: takes the snapshot and says so by its epoch', async () => {
    const slow = await edges.edge('e1');
    const settings = { snapshotEvery: 100, keepEntries: 10 };
    const fast = await edges.edge('e2', { url: redis.url, settings });
    await fast.room.execute(join('p1', 'e2'));
    await until(() => slow.room.state.participants.has('p1'));
    const { epoch } = slow.room;
    const { seq } = slow.room.state;
    proxy.deaf = true;
    for (let round = 0; round < 5; round += 1) {
      await Promise.all(
        Array.from({ length: 100 }, (_, index) => fast.room.execute(say('p1', `${round}.${index}`))),
      );
    }
    await until(async () => Number(await redis.admin.hget(headKey(), 'first')) > seq + 1);
    proxy.deaf = false;
    proxy.cut();
    expect(await insist(() => slow.room.execute(say('p1', 'end')))).toMatchObject({ ok: true });
    await until(() => fast.room.state.seq === slow.room.state.seq);
    expect(slow.room.state).toEqual(fast.room.state);
    expect(slow.room.epoch).not.toBe(epoch);
    expect(slow.room.since(seq, epoch)).toBeUndefined();
  });

  it('the silent end of a broken subscription: looks at the log as soon as it listens again', async () => {
    const listening = await edges.edge('e1');
    const talking = await edges.edge('e2', { url: redis.url });
    await talking.room.execute(join('p1', 'e2'));
    for (let round = 0; round < 5; round += 1) {
      await redis.admin.call('CLIENT', 'KILL', 'TYPE', 'pubsub');
      await talking.room.execute(say('p1', `${round}`));
      await until(() => listening.room.state.seq === talking.room.state.seq);
    }
  });
});

describe('Redis', () => {
  beforeEach(() => begin());

  it('that forgets its scripts is told them again', async () => {
    const { room } = await edges.edge('e1');
    await room.execute(join('p1', 'e1'));
    for (let round = 0; round < 3; round += 1) {
      await redis.admin.script('FLUSH');
      expect(await room.execute(say('p1', `${round}`))).toMatchObject({ ok: true });
    }
    expect(await edges.texts()).toEqual(['0', '1', '2']);
  });

  it('without memory refuses, writes no half of it, and goes on when it has some', async () => {
    const { room } = await edges.edge('e1');
    await room.execute(join('p1', 'e1'));
    const { seq } = room.state;
    await redis.admin.config('SET', 'maxmemory', '1');
    await expect(room.execute(say('p1', 'lost'))).rejects.toMatchObject({ code: 'unavailable' });
    await redis.admin.config('SET', 'maxmemory', '0');
    expect(await room.execute(say('p1', 'done'))).toMatchObject({ ok: true, seq: seq + 1 });
    expect(await edges.texts()).toEqual(['done']);
  });

  it('with something else where a room should be: that room fails, the next one does not', async () => {
    const { rooms, ports } = await edges.edge('e1');
    const found = await ports.directory.room(edges.room);
    if (!found) throw new Error();
    const other = await ports.directory.createRoom(found.service, { ...found.room, _id: '' });
    await redis.admin.set(`sluice:{${other._id}}:head`, 'text');
    await expect(rooms.open(other._id)).rejects.toMatchObject({ code: 'internal' });
    const next = await ports.directory.createRoom(found.service, { ...found.room, _id: '' });
    expect((await rooms.open(next._id)).state.document?.name).toBe('room');
  });

  it('that is away for a while ends nothing: commands fail meanwhile, and succeed when it is back', async () => {
    const { room } = await edges.edge('e1');
    await room.execute(join('p1', 'e1'));
    proxy.target = 1;
    proxy.cut();
    await expect(room.execute(say('p1', 'lost'))).rejects.toMatchObject({ code: 'unavailable' });
    proxy.target = redis.port;
    expect(await insist(() => room.execute(say('p1', 'found')))).toMatchObject({ ok: true });
    expect(room.state.participants.has('p1')).toBe(true);
    expect(await edges.texts()).toEqual(['found']);
  });
});

describe('a Redis that comes back', () => {
  it('with all its data: rooms go on, and clients go on where they were', async () => {
    await begin();
    const { room } = await edges.edge('e1');
    await room.execute(join('p1', 'e1'));
    const { epoch } = room;
    const { seq } = room.state;
    await room.execute(say('p1', 'before'));
    await until(() => room.since(seq, epoch)?.length === 1);
    const heard: unknown[] = [];
    room.listen(({ notices }) => heard.push(...notices.map(({ notice }) => notice)));
    // As a replica that has everything and becomes the primary.
    const heir = await replicaOf(redis);
    await redis.kill();
    await heir.admin.replicaof('NO', 'ONE');
    proxy.target = heir.port;
    redis = heir;
    expect(await insist(() => room.execute(say('p1', 'after')))).toMatchObject({ ok: true, seq: seq + 2 });
    expect(room.epoch).not.toBe(epoch);
    expect(room.since(seq, epoch)).toMatchObject([
      { notice: { message: 'before' } },
      { notice: { message: 'after' } },
    ]);
    expect(room.since(seq + 2, epoch)).toBeUndefined();
    await until(() => heard.length > 0);
    expect(heard).toMatchObject([{ message: 'after' }]);
    const late = await edges.edge('e2');
    expect(late.room.state).toEqual(room.state);
    expect(late.room.epoch).toBe(room.epoch);
  });

  it('without its latest writes: who is ahead takes the room anew, and nobody appends to what it did not see', async () => {
    await begin();
    const ahead = await edges.edge('ahead');
    const behind = await edges.edge('behind');
    await ahead.room.execute(join('p1', 'ahead'));
    await until(() => behind.room.state.participants.has('p1'));
    const heir = await replicaOf(redis);
    // The replica hears no more; the edges do not know.
    await heir.admin.replicaof('NO', 'ONE');
    const { epoch } = ahead.room;
    const kept = ahead.room.state.seq;
    for (const text of ['a', 'b', 'c']) await ahead.room.execute(say('p1', text));
    await until(() => behind.room.state.seq === ahead.room.state.seq);
    proxy.target = 1;
    await redis.kill();
    redis = heir;
    // Exactly as many as were lost, so that the numbers are the same.
    const third = await edges.edge('third', { url: heir.url, settleMs: 1 });
    for (const text of ['x', 'y', 'z']) {
      expect(await insist(() => third.room.execute(say('p1', text)))).toMatchObject({ ok: true });
    }
    proxy.target = heir.port;
    for (const { room } of [ahead, behind]) {
      expect(await insist(() => room.execute(say('p1', 'on')))).toMatchObject({ ok: true });
      expect(room.epoch).not.toBe(epoch);
      expect(room.since(kept + 3, epoch)).toBeUndefined();
    }
    await until(
      () => third.room.state.seq === behind.room.state.seq && ahead.room.state.seq === third.room.state.seq,
    );
    expect(ahead.room.state).toEqual(third.room.state);
    expect(behind.room.state).toEqual(third.room.state);
    expect(await edges.texts()).toEqual(['x', 'y', 'z', 'on', 'on']);
    // What is known of the old epoch is where it ends, as far as it is left.
    expect(third.room.since(kept, epoch)).toHaveLength(5);
  });

  it('without any data: who knows the room gives it back, nothing said is lost, and clients go on where they were', async () => {
    await begin();
    const { room } = await edges.edge('e1');
    const other = await edges.edge('e2');
    await room.execute(join('p1', 'e1'));
    await room.execute(say('p1', 'before'));
    await until(() => other.room.state.seq === room.state.seq);
    const { epoch } = room;
    const { seq } = room.state;
    const { port } = redis;
    await redis.kill();
    redis = await startRedis([], port);
    expect(await insist(() => room.execute(say('p1', 'after')))).toMatchObject({ ok: true, seq: seq + 1 });
    await until(() => other.room.state.seq === seq + 1);
    expect(other.room.state).toEqual(room.state);
    expect(room.epoch).not.toBe(epoch);
    for (const each of [room, other.room]) {
      expect(each.since(seq - 1, epoch)).toMatchObject([
        { notice: { message: 'before' } },
        { notice: { message: 'after' } },
      ]);
    }
  });

  describe.each([
    ['without any data', () => startRedis()],
    ['without its latest writes', () => replicaOf(redis)],
  ])('%s, and who is behind is there first', (_, makeHeir) => {
    let way: ScriptedProxy;
    let ahead: LiveRoom;
    let behind: LiveRoom;
    let heard: { readonly ahead: string[]; readonly behind: string[] };
    let before: { readonly epoch: string; readonly seq: number };
    afterEach(() => way.close());

    /** One edge has not heard the last three texts when Redis dies, and only that edge finds its heir. */
    async function fail(settleMs: number): Promise<void> {
      await begin();
      const heir = await makeHeir();
      way = await createProxy(redis.port);
      ({ room: ahead } = await edges.edge('ahead', { settleMs }));
      ({ room: behind } = await edges.edge('behind', { url: way.url, settleMs }));
      await ahead.execute(join('p1', 'ahead'));
      await until(() => behind.state.participants.has('p1'));
      await replicated(redis);
      await heir.admin.replicaof('NO', 'ONE');
      before = { epoch: behind.epoch, seq: behind.state.seq };
      heard = { ahead: textsTo(ahead), behind: textsTo(behind) };
      way.deaf = true;
      for (const text of ['a', 'b', 'c']) await ahead.execute(say('p1', text));
      expect(behind.state.seq).toBe(before.seq);
      proxy.target = 1;
      await redis.kill();
      redis = heir;
      way.target = heir.port;
      way.deaf = false;
    }

    it('nothing is appended before who knows more is back: nothing is lost', async () => {
      await fail(60_000);
      const asked = insist(() => behind.execute(say('p1', 'd')));
      await until(() => behind.epoch !== before.epoch);
      proxy.target = redis.port;
      await until(() => ahead.epoch !== before.epoch && behind.state.seq === ahead.state.seq);
      expect(Number(await redis.admin.hget(headKey(), 'seq'))).toBe(before.seq + 3);
      // As if the time were over.
      expect(await redis.admin.hdel(headKey(), 'settles')).toBe(1);
      expect(await asked).toMatchObject({ ok: true, seq: before.seq + 4 });
      await until(() => ahead.state.seq === before.seq + 4);
      expect(ahead.state).toEqual(behind.state);
      await until(() => [heard.ahead, heard.behind].every((texts) => texts.includes('d')));
      const all = ['a', 'b', 'c', 'd'];
      expect(heard).toEqual({ ahead: all, behind: all });
    });

    it('who knows more and comes too late begins anew, and its log says so', async () => {
      await fail(1);
      expect(await insist(() => behind.execute(say('p1', 'd')))).toMatchObject({ ok: true });
      expect(edges.lines.join()).not.toContain('everybody is shown the room anew');
      proxy.target = redis.port;
      await until(() => ahead.epoch !== before.epoch && ahead.state.seq === behind.state.seq);
      expect(ahead.state).toEqual(behind.state);
      expect(ahead.since(before.seq + 3, before.epoch)).toBeUndefined();
      expect(edges.lines.join()).toContain('everybody is shown the room anew');
    });
  });

  it('without its latest writes, and nobody has written since: they are given back', async () => {
    await begin();
    const { room } = await edges.edge('e1');
    await room.execute(join('p1', 'e1'));
    const heir = await replicaOf(redis);
    await heir.admin.replicaof('NO', 'ONE');
    const { epoch } = room;
    for (const text of ['a', 'b', 'c']) await room.execute(say('p1', text));
    const { seq } = room.state;
    await redis.kill();
    proxy.target = heir.port;
    redis = heir;
    expect(await insist(() => room.execute(say('p1', 'd')))).toMatchObject({ ok: true, seq: seq + 1 });
    expect(room.since(seq - 3, epoch)).toHaveLength(4);
    const late = await edges.edge('e2');
    expect(late.room.state).toEqual(room.state);
  });
});

/** A replica that has everything of `primary`. */
async function replicaOf(primary: ScriptedRedis): Promise<ScriptedRedis> {
  const replica = await startRedis();
  await replica.admin.replicaof('127.0.0.1', primary.port);
  await until(async () => (await replica.admin.info('replication')).includes('master_link_status:up'));
  await primary.admin.wait(1, 10_000);
  return replica;
}

/** Lets the replica, if there is one, have everything that was written. */
async function replicated(primary: ScriptedRedis): Promise<void> {
  if (/role:master[^]*connected_slaves:1/.test(await primary.admin.info('replication'))) {
    await primary.admin.wait(1, 10_000);
  }
}

/** The texts that the room's clients hear from now on. */
function textsTo(room: LiveRoom): string[] {
  const texts: string[] = [];
  room.listen(({ notices }) => {
    for (const { notice } of notices) if (notice.type === 'text') texts.push(notice.message);
  });
  return texts;
}
