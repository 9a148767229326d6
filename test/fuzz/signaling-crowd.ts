// Owns the fuzz target for many clients of both protocols on two edges of one room, who ask all sorts of things, break
// off, come back anywhere and are dropped. What it promises: each request that could be answered is, once; when all have
// gone nothing of them is left.
import { encode } from '@msgpack/msgpack';
import type { Portal } from '../../edge/portal/portal.ts';
import {
  createMixingScene,
  OwtClient,
  owtLogin,
  SignalClient,
  until,
  type PortalScene,
} from '../../edge/portal/scripted-portal.ts';
import { integer, must } from './hostile-bytes.ts';
import { pick, requests, spoil } from './hostile-requests.ts';
import type { FuzzTarget } from './target.ts';

type Random = () => number;

const protocols = ['1.0', '1.1', '1.2'];
const members = 6;

/** One client's travels, socket after socket. */
interface Member {
  ask(event: string, data: unknown): void;
  breakOff(): void;
  comeTo(portal: Portal): void;
  isOpen(): boolean;
  /** Requests of the present socket that were not answered. */
  owed(): number;
  leave(): void;
}

class OwtMember implements Member {
  readonly #scene: PortalScene;
  readonly #random: Random;
  readonly #ids: string[];
  readonly #number: number;
  #sockets = 0;
  #client: OwtClient | undefined;
  /** Sockets that were left open, perhaps by another login. */
  readonly #old: OwtClient[] = [];
  #ticket: string | undefined;
  #owed = new Set<object>();

  constructor(scene: PortalScene, random: Random, ids: string[], number: number) {
    this.#scene = scene;
    this.#random = random;
    this.#ids = ids;
    this.#number = number;
  }

  ask(event: string, data: unknown): void {
    const request = {};
    const owed = this.#owed.add(request);
    let acks = 0;
    this.#client?.send(event, data, (...[status, result]: unknown[]) => {
      must(++acks === 1, 'one acknowledgement');
      must(status === 'ok' || (status === 'error' && typeof result === 'string'), 'an acknowledgement');
      owed.delete(request);
      if (status === 'ok' && (event === 'login' || event === 'relogin')) this.#ticket = ticketIn(result);
      note(this.#ids, result);
    });
  }

  breakOff(): void {
    this.#client?.lose();
    this.#client = undefined;
    this.#owed = new Set();
  }

  comeTo(portal: Portal): void {
    if (this.isOpen() && this.#random() < 0.7) this.breakOff();
    if (this.#client !== undefined) this.#old.push(this.#client);
    const name = `member-${this.#number}-${++this.#sockets}`.padEnd(20, '-');
    this.#client = new OwtClient(this.#scene, portal, name);
    this.#owed = new Set();
    if (this.#ticket !== undefined && this.#random() < 0.8) {
      this.ask('relogin', this.#ticket);
      return;
    }
    const protocol = pick(this.#random, protocols);
    void this.#scene.token(name).then((token) => {
      this.ask('login', { ...owtLogin(token), protocol });
    });
  }

  isOpen(): boolean {
    return this.#client !== undefined && this.#client.ended === undefined;
  }

  owed(): number {
    return this.isOpen() ? this.#owed.size : 0;
  }

  leave(): void {
    for (const client of this.#old) client.lose();
    if (this.#random() < 0.5) this.ask('logout', undefined);
    else this.breakOff();
  }
}

class SignalMember implements Member {
  readonly #scene: PortalScene;
  readonly #random: Random;
  readonly #ids: string[];
  #client: SignalClient | undefined;
  readonly #old: SignalClient[] = [];
  #cid = 0;
  #asked = new Set<number>();

  constructor(scene: PortalScene, random: Random, ids: string[]) {
    this.#scene = scene;
    this.#random = random;
    this.#ids = ids;
  }

  ask(event: string, data: unknown): void {
    const body =
      event === 'soac'
        ? { do: 'signal', transport: 'x', ...(typeof data === 'object' ? data : {}) }
        : { do: event, request: data };
    this.#send(body);
  }

  breakOff(): void {
    this.#client?.lose();
    this.#client = undefined;
  }

  comeTo(portal: Portal): void {
    const before = this.#client;
    const joined = before?.replies.findLast((reply) => reply.ok && ticketIn(reply.data) !== undefined);
    if (before?.closed === undefined && this.#random() < 0.7) this.breakOff();
    if (this.#client !== undefined) this.#old.push(this.#client);
    this.#client = new SignalClient(this.#scene, portal);
    this.#asked = new Set();
    if (before !== undefined && joined?.ok && this.#random() < 0.8) {
      const { ticket, epoch } = joined.data as { ticket: string; epoch: string };
      this.#send({ do: 'resume', ticket, epoch, seq: before.seq });
      return;
    }
    void this.#scene.token('signal').then((token) => {
      this.#send({ do: 'join', token, userAgent: { sdk: { type: 'fuzz', version: '1' } } });
    });
  }

  isOpen(): boolean {
    return this.#client !== undefined && this.#client.closed === undefined;
  }

  owed(): number {
    const { replies = [] } = this.#client ?? {};
    for (const reply of replies) {
      if (reply.ok) note(this.#ids, reply.data);
      must(this.#asked.has(reply.cid), 'a reply to what was asked');
    }
    must(new Set(replies.map(({ cid }) => cid)).size === replies.length, 'one reply');
    return this.isOpen() ? this.#asked.size - replies.length : 0;
  }

  leave(): void {
    for (const client of this.#old) client.lose();
    if (this.#random() < 0.5) this.#send({ do: 'leave' });
    else this.breakOff();
  }

  #send(body: object): void {
    if (!this.isOpen()) return;
    this.#cid += 1;
    this.#asked.add(this.#cid);
    this.#client?.raw(encode({ ...body, cid: this.#cid }, { ignoreUndefined: true }));
  }
}

export const crowdFuzz: FuzzTarget = {
  name: 'crowd',
  async run(random, iterations) {
    const scene = await createMixingScene();
    const generous = { requestsPerSecond: 1e6, requestBurst: 1e6 };
    const portals = [scene.portal('e1', generous), scene.portal('e2', generous)];
    const ids = ['nothing'];
    try {
      const crowd = Array.from({ length: members }, (_, index): Member =>
        index % 3 === 2 ? new SignalMember(scene, random, ids) : new OwtMember(scene, random, ids, index),
      );
      for (let round = 0; round < iterations; round++) {
        await step(scene, random, portals, pick(random, crowd), ids);
        if (random() < 0.2) await pass(scene, integer(random, 200));
      }
      // Whatever waits for its answer has it by now, or never will.
      for (let turns = 0; turns < 20; turns++) await pass(scene, 1_000);
      must(
        crowd.every((member) => member.owed() === 0),
        'every request is answered',
      );
      for (const member of crowd) member.leave();
      for (let turns = 0; turns < 70; turns++) await pass(scene, 1_000);
      for (const edge of ['e1', 'e2']) {
        const state = scene.rooms(edge).find(scene.room)?.state;
        const left = state && [state.participants, state.transports, state.streams, state.subscriptions];
        must(left?.every(({ size }) => size === 0) ?? true, 'nobody and nothing is left in the room');
      }
      must(
        portals.every(({ counts }) => counts.sessions === 0),
        'no session is left',
      );
      const internal = scene.lines.filter((line) => line.includes('request failed'));
      must(internal.length === 0, `no request ends in an internal error: ${internal[0] ?? ''}`);
    } finally {
      await scene.close();
    }
  },
};

async function step(
  scene: PortalScene,
  random: Random,
  portals: readonly Portal[],
  member: Member,
  ids: readonly string[],
): Promise<void> {
  const chance = random();
  if (!member.isOpen() || chance < 0.06) {
    member.comeTo(pick(random, portals));
    if (random() < 0.7) await pass(scene, 300);
    return;
  }
  if (chance < 0.1) {
    member.breakOff();
    return;
  }
  if (chance < 0.12) {
    const live = scene.rooms('e1').find(scene.room);
    const participant = live && pick(random, ['nobody', ...live.state.participants.keys()]);
    if (participant !== undefined) void live?.execute({ type: 'drop', participant, reason: 'fuzz' });
    return;
  }
  const [event, data] = pick(random, requests);
  const named = { ID: pick(random, ids), MIXED: `${scene.room}-common` };
  member.ask(event, spoil(random, data, pick(random, [0, 0, 0, 0.02, 0.1]), named));
}

/** Lets time pass, in which other threads sign. */
async function pass(scene: PortalScene, ms: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 1));
  await scene.clock.advance(ms);
  let settled = false;
  void scene.rest().then(() => (settled = true));
  await until(() => settled, 'rest');
}

function ticketIn(result: unknown): string | undefined {
  if (typeof result === 'string') return result;
  if (typeof result !== 'object' || result === null) return undefined;
  const fields = new Map<string, unknown>(Object.entries(result));
  const ticket = fields.get('reconnectionTicket') ?? fields.get('ticket');
  return typeof ticket === 'string' ? ticket : undefined;
}

function note(ids: string[], data: unknown): void {
  if (typeof data !== 'object' || data === null || !('id' in data) || typeof data.id !== 'string') return;
  ids.push(data.id);
  if (ids.length > 20) ids.shift();
}
