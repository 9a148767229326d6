// Owns what must hold in every room whatever is asked of it: random commands from a printed seed, checked after each.
import { describe, expect, it } from 'vitest';
import { ClientModel } from './client-model.ts';
import type { Command } from './command.ts';
import { decide } from './decide.ts';
import { evolve } from './evolve.ts';
import { decodeRecord, encodeRecord } from './record-codec.ts';
import { RandomCommands, document, transcoders } from './scripted-commands.ts';
import { checkPlan, checkState, checkViews, holds } from './scripted-invariants.ts';
import { ScriptedRoom, roomId, toldTo } from './scripted-room.ts';
import { decodeState, encodeState } from './snapshot-codec.ts';
import { emptyRoom } from './state.ts';
import type { RoomState } from './state.ts';
import { roomView } from './stream-info.ts';
import { Dice } from './view/scripted-dice.ts';

/** Said twice, these change nothing the second time. */
function isIdempotent({ type }: Command): boolean {
  const once: readonly Command['type'][] = [
    'open',
    'learn-transcoders',
    'close',
    'close-if-idle',
    'attach',
    'leave',
    'expire',
    'patch-participant',
    'set-stream-status',
    'set-subscription-status',
    'mix',
    'unmix',
    'set-region',
    'place-mixing',
    'mixing-unplaceable',
    'update-subscription',
    'place-transport',
    'transport-unplaceable',
    'report',
    'worker-lost',
    'give-up-session',
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

  /** A participant is in the room and knows it as it is now. */
  enter({ state }: ScriptedRoom, participant: string): void {
    const client = new ClientModel(roomView(state));
    for (const { id, owner, phase } of [...state.streams.values(), ...state.subscriptions.values()]) {
      if (owner === participant) client.sessions.set(id, phase === 'ready');
    }
    this.#clients.set(participant, client);
  }

  /** What a client knows from acknowledgements alone. */
  #own(room: ScriptedRoom, command: Command): void {
    const { state } = room;
    if (command.type === 'join') this.enter(room, command.participant);
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

/** There for what hangs: what a few hundred checked commands take depends on what else the machine does. */
const minutes = 300_000;

describe('random commands', { timeout: minutes }, () => {
  const first = Number(process.env.ROOM_SEED ?? 1);
  const seeds = Array.from({ length: Number(process.env.ROOM_SEEDS ?? 30) }, (_, each) => first + each);

  it.each(seeds)('seed %i keep the room whole and every client right', (seed) => {
    const generator = new RandomCommands(new Dice(seed));
    const audience = new Audience();
    const room = opened(seed, audience);
    for (let step = 0; step < 400; step += 1) {
      const command = generator.command(room.state);
      const before = room.state;
      const decision = decide(before, command, 0);
      if (!decision.ok) continue;
      audience.run(room, command);
      checkState(room.state);
      checkViews(room.state);
      checkPlan(room.state);
      if (step % 20 === 0) expect(decodeState(roomId, encodeState(room.state))).toEqual(room.state);
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
      const generator = new RandomCommands(new Dice(seed));
      const room = opened(seed, new Audience());
      for (let step = 0; step < 400; step += 1) {
        const command = generator.command(room.state);
        if (decide(room.state, command, 0).ok) room.run(command);
      }
      for (const { event } of room.records) counts.set(event.type, (counts.get(event.type) ?? 0) + 1);
    }
    expect(counts.size).toBe(32);
    expect(Math.min(...counts.values())).toBeGreaterThan(5);
  });
});

/** Every other room begins with streams in its views; some of the rest before any worker is known. */
function opened(seed: number, audience: Audience): ScriptedRoom {
  const room = new ScriptedRoom();
  room.run({ type: 'open', document, ...(seed % 4 !== 0 && { transcoders }) });
  if (seed % 2 === 0) return room;
  room.join('p0', 'p1', 'p2').stream('p0', 'a').stream('p1', 'b').stream('p2', 'c', ['audio']);
  room.stream('p2', 'd', ['video', 'video']).mix(['a', 'b', 'c', 'd'], ['few', 'many']);
  for (const participant of room.state.participants.keys()) audience.enter(room, participant);
  return room;
}

/** The state another edge folds from the bytes. */
function refold(room: ScriptedRoom): RoomState {
  return room.records.reduce((state, record, index) => {
    const read = decodeRecord(encodeRecord(record));
    if (read === undefined) throw new Error('a record cannot be read');
    return evolve(state, read, index + 1);
  }, emptyRoom(roomId));
}
