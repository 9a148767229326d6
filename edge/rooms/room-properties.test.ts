// Owns what must hold in every room whatever is asked of it: random commands from a printed seed, checked after each.
import { describe, expect, it } from 'vitest';
import type { Kind } from '../../schemas/media.ts';
import type { ReportItem } from '../../schemas/worker.ts';
import { ClientModel } from './client-model.ts';
import type { Actor, Command } from './command.ts';
import { decide } from './decide.ts';
import { evolve } from './evolve.ts';
import { plan } from './plan.ts';
import { decodeRecord, encodeRecord } from './record-codec.ts';
import { ScriptedRoom, joinCommand, reported, roomId, toldTo } from './scripted-room.ts';
import { emptyRoom } from './state.ts';
import type { RoomState, Stream } from './state.ts';
import { roomView } from './stream-info.ts';

const participantLimit = 4;
const inputLimit = 5;
const workers = ['w1', 'w2'];
const roles = ['presenter', 'presenter', 'viewer', 'audio_only_presenter', 'nobody'];

/** A seeded generator (mulberry32) with the choices a test makes. */
class Dice {
  #state: number;

  constructor(seed: number) {
    this.#state = seed;
  }

  below(bound: number): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % bound;
  }

  chance(oneIn: number): boolean {
    return this.below(oneIn) === 0;
  }

  pick<T>(values: readonly T[], otherwise: T): T {
    return values[this.below(Math.max(values.length, 1))] ?? otherwise;
  }
}

class Generator {
  readonly #dice: Dice;
  #sessions = 0;

  constructor(dice: Dice) {
    this.#dice = dice;
  }

  /** One in ten takes something away; else the room would stay empty. */
  command(state: RoomState): Command {
    const inside = [...state.participants.keys()];
    const participant = this.#dice.chance(5) ? `p${this.#dice.below(6)}` : this.#dice.pick(inside, 'p1');
    if (state.document === undefined && !this.#dice.chance(4)) return { type: 'open', document: document() };
    return this.#dice.chance(10) ? this.#loss(state, participant) : this.#gain(state, participant);
  }

  #loss(state: RoomState, participant: string): Command {
    const dice = this.#dice;
    const stream = dice.pick([...state.streams.values()], undefined);
    const subscription = dice.pick([...state.subscriptions.values()], undefined);
    const edge = `e${dice.below(2)}`;
    const transport = this.#transport(state);
    const choices: readonly Command[] = [
      { type: 'unpublish', actor: this.#actor(stream), session: stream?.id ?? 'none' },
      { type: 'unpublish', actor: this.#actor(stream), session: stream?.id ?? 'none' },
      { type: 'unsubscribe', actor: this.#actor(subscription), session: subscription?.id ?? 'none' },
      { type: 'unsubscribe', actor: this.#actor(subscription), session: subscription?.id ?? 'none' },
      { type: 'leave', participant },
      { type: 'expire', participant, edge },
      { type: 'drop', participant, reason: 'dropped' },
      { type: 'transport-unplaceable', transport, reason: 'full' },
      { type: 'worker-lost', worker: dice.pick(workers, 'w1'), reason: 'killed' },
      { type: 'close-if-idle' },
      dice.chance(4) ? { type: 'close', reason: 'closed' } : { type: 'close-if-idle' },
      { type: 'patch-participant', participant, patch: [this.#patch()] },
    ];
    return dice.pick(choices, { type: 'close-if-idle' });
  }

  #patch() {
    const path = this.#dice.pick(
      ['/permission/subscribe/video', '/permission/publish/audio'] as const,
      '/permission/publish/audio',
    );
    return { op: 'replace' as const, path, value: !this.#dice.chance(3) };
  }

  #gain(state: RoomState, participant: string): Command {
    const dice = this.#dice;
    const stream = dice.pick([...state.streams.keys()], 'no-stream');
    const subscription = dice.pick([...state.subscriptions.keys()], 'no-subscription');
    const media = dice.pick(['audio', 'video', 'av'] as const, 'av');
    const operation = dice.pick(['pause', 'play'] as const, 'play');
    const transport = this.#transport(state);
    const choices: readonly (() => Command)[] = [
      () => joinCommand(participant, dice.pick(roles, 'presenter')),
      () => joinCommand(`p${dice.below(6)}`),
      () => ({ type: 'attach', participant, edge: `e${dice.below(2)}` }),
      () => ({ type: 'text', from: participant, to: dice.pick(['all', 'p1'], 'all'), message: 'hi' }),
      () => this.#publish(state, participant),
      () => this.#publish(state, participant),
      () => this.#subscribe(state, participant),
      () => this.#subscribe(state, participant),
      () => this.#subscribe(state, participant),
      () => ({ type: 'set-stream-status', actor: 'server', stream, operation, media }),
      () => ({ type: 'set-subscription-status', actor: 'server', subscription, operation, media }),
      () => ({
        type: 'update-subscription',
        actor: 'server',
        subscription,
        video: { from: this.#source(state) },
      }),
      () => ({ type: 'place-transport', transport, worker: dice.pick(workers, 'w1') }),
      () => ({ type: 'place-transport', transport, worker: dice.pick(workers, 'w1') }),
      () => this.#report(state),
      () => this.#report(state),
      () => this.#report(state),
      () => this.#report(state),
      () => this.#report(state),
    ];
    return dice.pick(choices, () => ({ type: 'close-if-idle' }))();
  }

  #actor(session: { readonly owner: string } | undefined): Actor {
    if (this.#dice.chance(4)) return 'server';
    return { participant: this.#dice.chance(4) ? 'p0' : (session?.owner ?? 'p0') };
  }

  #session(): string {
    if (!this.#dice.chance(12)) this.#sessions += 1;
    return `s${this.#sessions}`;
  }

  #transport(state: RoomState): string {
    return this.#dice.pick([...state.transports.keys()], 'no-transport');
  }

  #source(state: RoomState): string {
    const streams = [...state.streams.values()];
    const tracks = streams.flatMap((each) => each.tracks.map(({ id }) => id));
    return this.#dice.pick([...streams.map(({ id }) => id), ...tracks], 'no-source');
  }

  /** A transport of the participant's own, mostly, and mids that are sometimes taken. */
  #place(state: RoomState, owner: string): { transport?: { id: string }; mid: () => string } {
    const own = [...state.transports.values()].filter((each) => each.owner === owner);
    const some = this.#dice.chance(10) ? [...state.transports.values()] : own;
    const id = this.#dice.chance(2) ? undefined : this.#dice.pick(some, undefined)?.id;
    let next = this.#dice.below(40);
    const mid = () => String(next++);
    return id === undefined ? { mid } : { transport: { id }, mid };
  }

  #kinds(): readonly Kind[] {
    const choices: readonly (readonly Kind[])[] = [['audio'], ['video'], ['audio', 'video']];
    return this.#dice.pick(choices, ['audio']);
  }

  #publish(state: RoomState, participant: string): Command {
    const { mid, transport } = this.#place(state, participant);
    const tracks = this.#kinds().map((type) => ({ type, mid: mid() }));
    const request = { media: { tracks }, ...(transport === undefined ? {} : { transport }) };
    return { type: 'publish', participant, session: this.#session(), request };
  }

  #subscribe(state: RoomState, participant: string): Command {
    const { mid, transport } = this.#place(state, participant);
    const from = this.#source(state);
    const tracks = this.#kinds().map((type) => ({
      type,
      mid: mid(),
      from: this.#dice.chance(3) ? this.#source(state) : from,
    }));
    const request = { media: { tracks }, ...(transport === undefined ? {} : { transport }) };
    return { type: 'subscribe', participant, session: this.#session(), request };
  }

  /** Mostly good news, of what is there, from the right worker. */
  #report(state: RoomState): Command {
    const dice = this.#dice;
    const reason = 'failed';
    const stream = dice.pick([...state.streams.values()], undefined);
    const publication = stream?.id ?? 'none';
    const subscription = dice.pick([...state.subscriptions.values()], undefined);
    const heard = subscription?.id ?? 'none';
    const transport = this.#transport(state);
    const good: readonly [ReportItem, string | undefined][] = [
      [{ type: 'transport-ready', transport }, transport],
      [{ type: 'publication-ready', publication, tracks: this.#tracks(stream) }, stream?.transport],
      [{ type: 'publication-ready', publication, tracks: this.#tracks(stream) }, stream?.transport],
      [{ type: 'publication-changed', publication, tracks: this.#tracks(stream) }, stream?.transport],
      [{ type: 'subscription-ready', subscription: heard }, subscription?.transport],
    ];
    const bad: readonly [ReportItem, string | undefined][] = [
      [{ type: 'transport-failed', transport, reason }, transport],
      [{ type: 'publication-failed', publication, reason }, stream?.transport],
      [{ type: 'subscription-failed', subscription: heard, reason }, subscription?.transport],
    ];
    const ready: ReportItem = { type: 'transport-ready', transport };
    const [item, on] = dice.pick(dice.chance(20) ? bad : good, [ready, transport]);
    const worker = state.transports.get(on ?? '')?.worker ?? 'w1';
    return { type: 'report', worker: dice.chance(10) ? 'w2' : worker, item };
  }

  #tracks(stream: Stream | undefined) {
    const dice = this.#dice;
    return (stream?.requested ?? []).flatMap(({ mid, kind }) => {
      if (dice.chance(20)) return [];
      const transport = stream?.transport ?? '';
      const format = dice.chance(40) ? { format: { codec: 'av1' as const } } : {};
      if (kind === 'audio' || dice.chance(2)) return [reported(transport, mid, kind, format)];
      const layers = ['q', 'h', 'f'].slice(0, 1 + dice.below(3));
      return layers.map((rid) => {
        const resolution = { width: 160 * (1 + dice.below(4)), height: 120 };
        return reported(transport, mid, kind, dice.chance(2) ? { rid } : { rid, resolution });
      });
    });
  }
}

function document() {
  return ScriptedRoom.document({ participantLimit, inputLimit });
}

function holds(truth: boolean, what: string): void {
  if (!truth) throw new Error(`not so: ${what}`);
}

/** Things that are true of every state. */
function checkState(state: RoomState): void {
  const sessions = [...state.streams.values(), ...state.subscriptions.values()];
  holds(new Set(sessions.map(({ id }) => id)).size === sessions.length, 'session ids are unique');
  for (const transport of state.transports.values()) {
    holds(state.participants.has(transport.owner), 'a transport has its owner');
  }
  const mids = new Map<string, Set<string>>();
  for (const session of sessions) {
    const transport = state.transports.get(session.transport);
    holds(transport?.owner === session.owner, 'a session is on a transport of its owner');
    const used = mids.get(session.transport) ?? new Set();
    mids.set(session.transport, used);
    for (const { mid } of 'requested' in session ? session.requested : session.tracks) {
      holds(!used.has(mid), 'a mid is used once');
      used.add(mid);
    }
  }
  for (const { phase, tracks } of state.streams.values()) {
    holds(tracks.length > 0 === (phase === 'ready'), 'a stream has tracks when it is ready');
    for (const kind of ['audio', 'video'] as const) {
      const statuses = tracks.filter((track) => track.kind === kind).map(({ status }) => status);
      holds(new Set(statuses).size <= 1, 'a kind has one status');
    }
  }
  for (const { tracks } of state.subscriptions.values()) {
    for (const { stream, track, kind } of tracks) {
      const source = state.streams.get(stream)?.tracks.find(({ id }) => id === track);
      holds(source?.kind === kind, 'a subscription has its sources');
    }
  }
  holds(state.participants.size <= participantLimit, 'participantLimit');
  holds(state.streams.size <= inputLimit, 'inputLimit');
  if (state.document === undefined) expect(state).toEqual({ ...emptyRoom(roomId), seq: state.seq });
}

/** Every transport is planned once, with all its sessions. */
function checkPlan(state: RoomState): void {
  const { unplaced, desired } = plan(state);
  const documents = [...desired.values()];
  const planned = documents.flatMap(({ transports }) => transports);
  const ids = [...unplaced, ...planned].map(({ id }) => id);
  holds(same(ids, [...state.transports.keys()]), 'each transport is planned once');
  for (const { version, transports } of documents) {
    holds(version === state.seq && transports.length > 0, 'a document is of now and not empty');
  }
  const on = (sessions: Iterable<{ readonly id: string; readonly transport: string }>, transport: string) =>
    [...sessions].filter((each) => each.transport === transport).map(({ id }) => id);
  for (const { id, publications, subscriptions } of planned) {
    const published = publications.map((each) => each.id);
    const subscribed = subscriptions.map((each) => each.id);
    holds(same(published, on(state.streams.values(), id)), 'its publications are planned');
    holds(same(subscribed, on(state.subscriptions.values(), id)), 'its subscriptions are planned');
    const formats = subscriptions.flatMap(({ tracks }) => tracks.map((track) => track.formats.length));
    holds(
      formats.every((count) => count === 1),
      'only the source’s own format is offered',
    );
  }
}

function same(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && new Set([...a, ...b]).size === a.length;
}

/** Said twice, these change nothing the second time. */
function isIdempotent({ type }: Command): boolean {
  const once: readonly Command['type'][] = [
    'open',
    'close',
    'close-if-idle',
    'attach',
    'leave',
    'expire',
    'patch-participant',
    'set-stream-status',
    'set-subscription-status',
    'update-subscription',
    'place-transport',
    'transport-unplaceable',
    'report',
    'worker-lost',
  ];
  return once.includes(type);
}

/** Lets every participant believe its notices and compares that with the room. */
class Audience {
  readonly #clients = new Map<string, ClientModel>();

  run(room: ScriptedRoom, command: Command): void {
    const notices = room.run(command);
    for (const [id, client] of this.#clients) {
      for (const notice of toldTo(id, notices)) client.take(notice);
    }
    this.#own(room, command);
    for (const [id, client] of this.#clients) this.#compare(room.state, id, client);
  }

  /** What a client knows from acknowledgements alone. */
  #own({ state }: ScriptedRoom, command: Command): void {
    if (command.type === 'join') {
      this.#clients.set(command.participant, new ClientModel(roomView(state)));
    }
    if (command.type === 'publish' || command.type === 'subscribe') {
      this.#clients.get(command.participant)?.sessions.set(command.session, false);
    }
    if ((command.type === 'unpublish' || command.type === 'unsubscribe') && command.actor !== 'server') {
      this.#clients.get(command.actor.participant)?.sessions.delete(command.session);
    }
    if (command.type === 'leave' || command.type === 'expire') {
      if (!state.participants.has(command.participant)) this.#clients.delete(command.participant);
    }
    for (const [id, client] of this.#clients) if (client.dropped) this.#clients.delete(id);
  }

  #compare(state: RoomState, id: string, client: ClientModel): void {
    holds(state.participants.has(id), 'who is out was told, or asked for it');
    const view = roomView(state);
    const known = { participants: client.participants.values(), streams: client.streams.values() };
    const sessions = [...state.streams.values(), ...state.subscriptions.values()];
    const own = sessions.filter(({ owner }) => owner === id).map((each) => [each.id, each.phase === 'ready']);
    holds(text(known.participants) === text(view.participants), `${id} knows the participants`);
    holds(text(known.streams) === text(view.streams), `${id} knows the streams`);
    holds(text(client.sessions) === text(own), `${id} knows its sessions`);
  }
}

/** Equal for equal values in whatever order. */
function text(values: Iterable<unknown>): string {
  return [...values]
    .map((value) => JSON.stringify(value))
    .sort()
    .join();
}

describe('random commands', () => {
  const first = Number(process.env.ROOM_SEED ?? 1);
  const seeds = Array.from({ length: Number(process.env.ROOM_SEEDS ?? 30) }, (_, each) => first + each);

  it.each(seeds)('seed %i keep the room whole and every client right', (seed) => {
    const generator = new Generator(new Dice(seed));
    const room = ScriptedRoom.open({ participantLimit, inputLimit });
    const audience = new Audience();
    for (let step = 0; step < 400; step += 1) {
      const command = generator.command(room.state);
      const before = room.state;
      const decision = decide(before, command, 0);
      if (!decision.ok) continue;
      audience.run(room, command);
      checkState(room.state);
      checkPlan(room.state);
      if (isIdempotent(command)) {
        const again = decide(room.state, command, 0);
        holds(again.ok && again.events.length === 0, `${command.type} again changes nothing`);
      }
    }
    expect(refold(room)).toEqual(room.state);
  });

  it('come to every kind of event', () => {
    const counts = new Map<string, number>();
    for (const seed of seeds) {
      const generator = new Generator(new Dice(seed));
      const room = ScriptedRoom.open({ participantLimit, inputLimit });
      for (let step = 0; step < 400; step += 1) {
        const command = generator.command(room.state);
        if (decide(room.state, command, 0).ok) room.run(command);
      }
      for (const { event } of room.records) counts.set(event.type, (counts.get(event.type) ?? 0) + 1);
    }
    expect(counts.size).toBe(20);
    expect(Math.min(...counts.values())).toBeGreaterThan(5);
  });
});

/** The state another edge folds from the bytes. */
function refold(room: ScriptedRoom): RoomState {
  return room.records.reduce((state, record, index) => {
    const read = decodeRecord(encodeRecord(record));
    if (read === undefined) throw new Error('a record cannot be read');
    return evolve(state, read, index + 1);
  }, emptyRoom(roomId));
}
