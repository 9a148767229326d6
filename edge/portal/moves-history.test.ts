// Owns what must hold for every client that breaks off and comes back, wherever and however often: random histories from a
// printed seed. It hears each message once, in order, and nobody else hears of its travels.
import { describe, expect, it } from 'vitest';
import { Dice } from '../rooms/view/scripted-dice.ts';
import type { Portal } from './portal.ts';
import { createPortalScene, OwtClient, owtLogin, SignalClient, type PortalScene } from './scripted-portal.ts';

const protocols = ['1.0', '1.1', '1.2', 'sluice.1'] as const;

interface Traveller {
  readonly name: string;
  /** Breaks off, or lets the old socket be, and asks to come back at a portal. */
  move(portal: Portal, how: 'broken' | 'still open'): void;
  /** From now on nothing comes through on the present socket, in either direction. */
  stall(): void;
  /** Whether its last attempt was granted; undefined while it waits. */
  back(): boolean | undefined;
  heard(): readonly string[];
  bye(): void;
}

const wholeRoom = 'the whole room';
const textOf = (data: unknown) => (data as { message: string }).message;

async function owtTraveller(
  scene: PortalScene,
  portal: Portal,
  protocol: string,
  dice: Dice,
): Promise<Traveller> {
  const name = `client-of-protocol-${protocol.replace('.', '-')}`.padEnd(20, '-');
  let socket = new OwtClient(scene, portal, name);
  const sockets = [socket];
  const [, joined] = await socket.ask('login', { ...owtLogin(await scene.token(name)), protocol });
  const tickets = [(joined as { reconnectionTicket: string }).reconnectionTicket];
  let back: boolean | undefined = true;
  return {
    name,
    move(to, how) {
      if (how === 'broken') socket.lose();
      const next = new OwtClient(scene, to, `${name.slice(0, 16)}${String(sockets.length).padStart(4, '0')}`);
      socket = next;
      sockets.push(next);
      back = undefined;
      next.send('relogin', dice.pick(tickets, ''), (status: string, ticket: string) => {
        if (status === 'ok') tickets.push(ticket);
        if (socket === next) back = status === 'ok';
      });
    },
    stall: () => {
      socket.confirms = false;
    },
    back: () => back,
    heard: () =>
      sockets.flatMap(({ received }) =>
        received.filter(({ event }) => event === 'text').map(({ data }) => textOf(data)),
      ),
    bye: () => socket.send('logout'),
  };
}

async function countingTraveller(scene: PortalScene, portal: Portal): Promise<Traveller> {
  const name = 'client-of-sluice';
  let socket = await SignalClient.joined(scene, portal, name);
  const heard: string[] = [];
  let read = 0;
  let stalledAt: number | undefined;
  let ticket = '';
  let epoch = '';
  let seq = 0;
  let back: boolean | undefined = true;
  let cid = 1;
  let resumed = 1;
  const catchUp = () => {
    const frames = socket.frames.slice(read, stalledAt ?? socket.frames.length);
    read += frames.length;
    for (const frame of frames) {
      for (const reply of frame.replies ?? []) {
        if (reply.cid !== resumed) continue;
        back = reply.ok;
        if (!reply.ok) continue;
        const result = reply.data as { ticket: string; epoch: string; room?: unknown };
        if (heard.length > 0 && result.room !== undefined) heard.push(wholeRoom);
        ({ ticket, epoch } = result);
      }
      for (const notice of frame.notices ?? []) if (notice.type === 'text') heard.push(notice.message);
      seq = frame.seq ?? seq;
    }
  };
  catchUp();
  return {
    name,
    move(to, how) {
      catchUp();
      if (how === 'broken') socket.lose();
      socket = new SignalClient(scene, to);
      [read, stalledAt, back] = [0, undefined, undefined];
      resumed = ++cid;
      socket.send({ do: 'resume', ticket, epoch, seq }, resumed);
    },
    stall: () => {
      stalledAt ??= socket.frames.length;
    },
    back() {
      catchUp();
      return back;
    },
    heard() {
      catchUp();
      return heard;
    },
    bye: () => void socket.send({ do: 'leave' }, ++cid),
  };
}

/** Lets time pass, in which other threads sign and edges talk. */
async function pass(scene: PortalScene, ms: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 1));
  await scene.clock.advance(ms);
  await scene.rest();
}

async function settle(scene: PortalScene, condition: () => boolean, what: string): Promise<void> {
  const deadline = performance.now() + 10_000;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(`not seen in time: ${what}`);
    await pass(scene, 20);
  }
}

describe('a client that breaks off and comes back, again and again, on any edge', () => {
  it.each(Array.from({ length: 12 }, (_, index) => index + 1))(
    'portal-protocol#11 hears each message once, in order (seed %i)',
    async (seed) => {
      const dice = new Dice(seed);
      const scene = await createPortalScene();
      try {
        // On one edge the room's history begins late and is short.
        const home = scene.portal('e1');
        const portals = [
          home,
          scene.portal('e2'),
          scene.portal('e3', {}, { snapshotEvery: 7, keepEntries: 24, historyEntries: 60 }),
        ];
        const somewhere = () => dice.pick(portals, home);
        const talker = await SignalClient.joined(scene, home, 'talker');
        const travellers: Traveller[] = [];
        for (const protocol of protocols) {
          travellers.push(
            protocol === 'sluice.1'
              ? await countingTraveller(scene, somewhere())
              : await owtTraveller(scene, somewhere(), protocol, dice),
          );
        }
        const said: string[] = [];
        for (let step = 0; step < 50; step++) {
          for (let count = dice.below(3); count > 0; count--) {
            said.push(`m${said.length}`);
            talker.send({ do: 'text', request: { to: 'all', message: said.at(-1) ?? '' } });
          }
          const [first] = travellers;
          const traveller = first && dice.pick(travellers, first);
          if (traveller === undefined) continue;
          const what = dice.below(10);
          if (what < 2) traveller.stall();
          else if (what < 5) traveller.move(somewhere(), 'broken');
          // Two that want the participant at the same time: the last to be heard has it, whichever that is.
          else if (what < 6 && traveller.back() !== undefined) traveller.move(somewhere(), 'still open');
          if (dice.below(3) === 0) await pass(scene, dice.below(120));
          else await scene.clock.advance(0);
        }
        // An attempt on a socket that was given up may still be under way, and would have the participant: a client would come
        // again, which none does here after the last time.
        for (let turns = 0; turns < 100; turns++) await pass(scene, 20);
        for (const traveller of travellers) traveller.move(somewhere(), 'broken');
        await settle(
          scene,
          () => travellers.every((each) => each.back() !== undefined),
          'everybody is answered',
        );
        talker.send({ do: 'text', request: { to: 'all', message: 'end' } });
        await settle(
          scene,
          () => travellers.every((each) => each.heard().includes('end')),
          'everybody hears the end',
        );
        for (const traveller of travellers) {
          expect(traveller.back(), traveller.name).toBe(true);
          const texts = traveller.heard().filter((text) => text !== wholeRoom);
          expect(texts, traveller.name).toEqual([...said, 'end']);
          // Who is quicker than an edge's replica is shown the room anew: not each time.
          expect(traveller.heard().length - texts.length, traveller.name).toBeLessThan(2);
        }
        expect(talker.types.filter((type) => type === 'participant-left')).toEqual([]);
        for (const traveller of travellers) traveller.bye();
        await pass(scene, 0);
        expect(talker.types.filter((type) => type === 'participant-left')).toHaveLength(travellers.length);
        expect(portals.reduce((sum, { counts }) => sum + counts.sessions, 0)).toBe(1);
      } finally {
        await scene.close();
      }
    },
    30_000,
  );
});
