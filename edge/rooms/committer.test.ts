// Owns the tests of when an append's outcome is known. Conflicts and lost answers are rooms.test.ts's and replica.test.ts's.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AppendResult } from '../store/room-log.ts';
import type { LiveRoom, Outcome } from './live-room.ts';
import { createScene, done, hear, join, say, to, type Scene } from './scripted-scene.ts';

let scene: Scene;
let room: LiveRoom;
let other: LiveRoom;
/** While it is true, what appends of the first edge bring about is published, and their answers wait. */
let held = false;
const answers: (() => void)[] = [];

beforeEach(async () => {
  held = false;
  scene = await createScene();
  const { log } = scene.ports;
  const append: typeof log.append = async (...args) => {
    const answered = log.append(...args);
    if (held) await new Promise<void>((answer) => void answers.push(answer));
    return answered;
  };
  room = await scene.edge('e1', { ports: { log: { ...log, append } } }).open(scene.room);
  other = await scene.edge('e2').open(scene.room);
  await done(room.execute(join('p1')));
  await scene.rest();
});
afterEach(async () => {
  held = false;
  for (const answer of answers.splice(0)) answer();
  await scene.rest();
  await scene.close();
});

it('what the log has published is done, before its answer comes and before listeners hear of it', async () => {
  const order: string[] = [];
  room.listen(() => order.push('notices'));
  held = true;
  void done(room.execute(say('p1', 'a'))).then(() => order.push('outcome'));
  await scene.rest();
  expect(order).toEqual(['outcome', 'notices']);
  expect(answers).toHaveLength(1);
});

it('each command has one outcome, and its own, however late the answers are', async () => {
  const heard = hear(other);
  held = true;
  const outcomes: (Outcome | undefined)[] = [undefined, undefined, undefined];
  const told = (index: number) => (outcome: Outcome) => (outcomes[index] = outcome);
  const { seq } = room.state;
  void room.execute(say('p1', 'a')).then(told(0));
  await scene.rest();
  void room.execute(say('nobody', 'b')).then(told(1));
  void room.execute(say('p1', 'c')).then(told(2));
  await scene.rest();
  expect(outcomes).toEqual([{ ok: true, seq: seq + 1 }, undefined, undefined]);
  answers.shift()?.();
  await scene.rest();
  expect(outcomes).toMatchObject([{ seq: seq + 1 }, { ok: false }, { ok: true, seq: seq + 2 }]);
  expect(room.state).toEqual(other.state);
  expect(to('p1', heard.notices()).map((notice) => notice.type === 'text' && notice.message)).toEqual([
    'a',
    'c',
  ]);
});

it('what another edge has written in its place is not taken for it', async () => {
  const appended: AppendResult[] = [];
  const { log } = scene.ports;
  const slow = await scene
    .edge('e3', {
      ports: {
        log: {
          ...log,
          append: async (...args) => {
            // Others are first, and that is heard before this append is even made.
            if (appended.length === 0) await done(other.execute(say('p1', 'first')));
            await scene.rest();
            const result = await log.append(...args);
            appended.push(result);
            return result;
          },
        },
      },
    })
    .open(scene.room);
  const heard = hear(slow);
  const outcome = await done(slow.execute(say('p1', 'second')));
  await scene.rest();
  expect(appended.map(({ ok }) => ok)).toEqual([false, true]);
  expect(outcome.seq).toBe(slow.state.seq);
  expect(slow.state).toEqual(other.state);
  const texts = heard.notices().flatMap(({ notice }) => (notice.type === 'text' ? [notice.message] : []));
  expect(texts).toEqual(['first', 'second']);
});

describe('who asks at an edge for what it has not heard of yet', () => {
  let deaf: LiveRoom;
  let reads = 0;
  let readable = true;

  beforeEach(async () => {
    const { log } = scene.ports;
    readable = true;
    const subscribe: typeof log.subscribe = () => () => undefined;
    const read: typeof log.read = (...args) => {
      reads += 1;
      return readable ? log.read(...args) : Promise.reject(new Error('away'));
    };
    deaf = await scene.edge('e4', { ports: { log: { ...log, subscribe, read } } }).open(scene.room);
    await done(room.execute(join('p2')));
    await scene.rest();
    reads = 0;
  });

  it('is not refused for that', async () => {
    expect(deaf.state.participants.has('p2')).toBe(false);
    await done(deaf.execute(say('p2', 'hello')));
    await scene.rest();
    expect(deaf.state).toEqual(room.state);
  });

  it('is refused what is refused in the newest state, after one look for all who ask together', async () => {
    const outcomes = [deaf.execute(say('nobody', 'a')), deaf.execute(say('nobody', 'b'))];
    await scene.rest();
    expect(await Promise.all(outcomes)).toMatchObject([{ ok: false }, { ok: false }]);
    expect([reads, deaf.state.seq]).toEqual([1, room.state.seq]);
  });

  it('is refused by what is known while the log cannot be read', async () => {
    readable = false;
    const outcome = deaf.execute(say('p2', 'hello'));
    await scene.rest();
    expect(await outcome).toMatchObject({ ok: false });
  });
});
