import { expect, it } from 'vitest';
import { SluiceError } from '../../schemas/error.ts';
import type { AddressedNotice } from '../../schemas/notice.ts';
import { createManualClock } from '../platform/memory/manual-clock.ts';
import type { LiveRoom, NoticeBatch } from '../rooms/live-room.ts';
import { emptyRoom, type RoomState } from '../rooms/state.ts';
import type { Delivery } from './delivery.ts';
import type { EndReason } from './link.ts';
import { RoomFeed } from './room-feed.ts';
import { Session } from './session.ts';
import { defaultSettings } from './settings.ts';

/** A room of texts, one a log entry, whose ticks the test ends by hand: batch and state may differ as they do live. */
class HandRoom {
  readonly #log: AddressedNotice[] = [];
  #listener: ((batch: NoticeBatch) => void) | undefined;
  #told = 0;
  epoch = 'e1';
  /** Epochs in which its history can be named. */
  known = new Set(['e1']);
  trimmed = false;
  /** Its log cannot be reached. */
  away = false;
  readonly commands: string[] = [];
  /** Commands have their outcome when it is called. */
  slow = false;
  outcome: (() => void) | undefined;
  readonly live: LiveRoom;

  constructor() {
    const [epoch, state] = [() => this.epoch, () => this.state];
    this.live = {
      id: 'room',
      get epoch() {
        return epoch();
      },
      get state() {
        return state();
      },
      execute: async ({ type }) => {
        this.commands.push(type);
        if (this.away) throw new SluiceError('unavailable', 'The room cannot be reached');
        if (this.slow) await new Promise<void>((resolve) => (this.outcome = resolve));
        return { ok: true, seq: 0 };
      },
      listen: (listener) => {
        this.#listener = listener;
        return () => (this.#listener = undefined);
      },
      since: (seq, epoch) => (this.trimmed || !this.known.has(epoch) ? undefined : this.#log.slice(seq)),
      seqAt: () => 0,
      signal: () => Promise.resolve({}),
      stats: () => Promise.reject(new Error('none')),
      mixerStats: () => Promise.resolve([]),
    };
  }

  get state(): RoomState {
    const origin = { isp: '', region: '' };
    const permission = { publish: { audio: true, video: true }, subscribe: { audio: true, video: true } };
    const ann = { id: 'ann', user: 'ann', role: 'presenter', permission, origin, edge: 'e1', lastCid: 0 };
    return { ...emptyRoom('room'), seq: this.#log.length, participants: new Map([['ann', ann]]) };
  }

  say(message: string): void {
    this.#log.push({
      audience: { to: 'all' },
      notice: { type: 'text', from: 'bob', to: 'all', message },
    });
  }

  /** Ends a tick that holds everything up to now, or up to `seq`; `state` where that is not the present one. */
  tick(seq = this.#log.length, state: Partial<RoomState> = {}): void {
    const notices = this.#log.slice(this.#told, seq);
    this.#told = seq;
    this.#listener?.({ seq, state: { ...this.state, seq, ...state }, notices });
  }
}

function line() {
  const heard: string[] = [];
  const seqs: number[] = [];
  const epochs: string[] = [];
  let ended: EndReason | undefined;
  return {
    heard,
    seqs,
    epochs,
    ended: () => ended,
    line: {
      resumesElsewhere: true,
      movable: true,
      deliver({ notices, seq, epoch }: Delivery) {
        if (epoch !== undefined) epochs.push(`${epoch} from ${seq}`);
        seqs.push(seq);
        for (const notice of notices) if (notice.type === 'text') heard.push(notice.message);
      },
      settled: () => Promise.resolve(),
      end(reason: EndReason) {
        ended = reason;
      },
    },
  };
}

const clock = createManualClock();

function enter(room: HandRoom) {
  const feed = new RoomFeed(room.live, () => undefined);
  const first = line();
  return {
    ...first,
    feed,
    begin() {
      const session = new Session(
        {
          room: room.live,
          participant: 'ann',
          edge: 'e1',
          clock,
          log: { info() {}, warn() {}, error() {} },
          settings: defaultSettings,
          iceServers: () => Promise.resolve({ iceServers: [] }),
          keepMs: 60_000,
          ended: (each) => feed.remove(each),
        },
        first.line,
      );
      feed.add(session);
      return session;
    },
  };
}

it('does not repeat what the view it began with already holds', () => {
  const room = new HandRoom();
  const { heard, begin } = enter(room);
  room.say('before 1');
  room.say('before 2');
  begin();
  // Two ticks late: the first is older than the view, the second is just it.
  room.tick(1);
  room.tick(2);
  expect(heard).toEqual([]);
  room.say('after');
  room.tick();
  expect(heard).toEqual(['after']);
});

it('is not ended by a tick of a time when its participant was not there yet', () => {
  const room = new HandRoom();
  const { begin } = enter(room);
  room.say('before 1');
  room.say('its own join');
  const session = begin();
  room.tick(1, { participants: new Map() });
  expect(session.phase).toBe('joined');
  room.tick(2);
  room.say('after');
  room.tick(3, { participants: new Map() });
  expect(session.phase).toBe('ended');
});

it('hears the rest of a tick that its beginning fell into, and all after it', () => {
  const room = new HandRoom();
  const { heard, seqs, begin } = enter(room);
  room.say('before');
  begin();
  room.say('same tick');
  room.tick();
  room.say('next');
  room.tick();
  room.say('last');
  room.tick();
  expect(heard).toEqual(['same tick', 'next', 'last']);
  expect(seqs).toEqual([2, 3, 4]);
});

it('gives a new connection what was missed, once, though the tick with it is still to come', () => {
  const room = new HandRoom();
  const { begin } = enter(room);
  const session = begin();
  room.say('seen');
  room.tick();
  room.say('missed');
  const next = line();
  session.adopt(next.line, 1);
  expect(next.heard).toEqual(['missed']);
  room.tick();
  room.say('after');
  room.tick();
  expect(next.heard).toEqual(['missed', 'after']);
});

function anew(room: HandRoom): void {
  room.epoch = 'e2';
  room.known = new Set(['e2']);
}

it('tells of another epoch of the same history before what comes in it', () => {
  const room = new HandRoom();
  const { begin, heard, epochs, ended } = enter(room);
  room.say('before');
  begin();
  room.tick();
  room.epoch = 'e2';
  room.known.add('e2');
  room.say('after');
  room.tick();
  expect(ended()).toBeUndefined();
  expect(heard).toEqual(['after']);
  expect(epochs).toEqual(['e2 from 1']);
});

it('sends a client back for the whole room when the history it needs is gone, or begins anew', () => {
  for (const lose of [(room: HandRoom) => (room.trimmed = true), (room: HandRoom) => anew(room)]) {
    const room = new HandRoom();
    const { begin, ended } = enter(room);
    room.say('before');
    const session = begin();
    room.say('same tick');
    lose(room);
    room.tick();
    expect(ended()).toBe('resync');
    expect(session.phase).toBe('away');
  }
});

it('lets go at once, and again until that is written, of who asked to leave while the log was away', async () => {
  const room = new HandRoom();
  const { begin, line } = enter(room);
  const session = begin();
  room.away = true;
  await expect(session.ask({ do: 'leave' }, 1)).rejects.toMatchObject({ code: 'unavailable' });
  session.lost(line);
  await clock.advance(1);
  expect(room.commands).toEqual(['leave', 'expire']);
  await clock.advance(5_000);
  expect(room.commands).toEqual(['leave', 'expire', 'expire']);
});

it('answers a leave before the end that it brings, also when it is folded before its outcome is known', async () => {
  const room = new HandRoom();
  const { begin, ended } = enter(room);
  const session = begin();
  room.slow = true;
  const told: string[] = [];
  void session.ask({ do: 'leave' }, 1).then(() => told.push(`answered, ended: ${String(ended())}`));
  await clock.advance(0);
  room.say('bye');
  room.tick(1, { participants: new Map() });
  await clock.advance(100);
  expect([told, ended()]).toEqual([[], undefined]);
  room.outcome?.();
  await clock.advance(0);
  expect([told, ended()]).toEqual([['answered, ended: undefined'], 'left']);
});
