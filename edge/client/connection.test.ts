import { decode, encode } from '@msgpack/msgpack';
import { beforeEach, describe, expect, it } from 'vitest';
import type { JoinResult, ResumeResult, ServerFrame, SignalMessage } from '../../schemas/signal.ts';
import { Connection } from './connection.ts';
import type { SocketEvents } from './socket.ts';
import { settle, TestTimers } from './testing/test-timers.ts';
import type { SessionReply } from './wire.ts';

class TestSocket {
  readonly sent: SignalMessage[][] = [];
  closedByClient = false;
  readonly events: SocketEvents;
  constructor(events: SocketEvents) {
    this.events = events;
  }
  send(bytes: Uint8Array) {
    const value = decode(bytes) as SignalMessage | SignalMessage[];
    this.sent.push(Array.isArray(value) ? value : [value]);
  }
  close() {
    this.closedByClient = true;
  }
  say(frame: ServerFrame) {
    const bytes = encode(frame);
    this.events.received(bytes.slice().buffer);
  }
}

const joinResult: JoinResult = {
  participant: { id: 'me', user: 'Me', role: 'presenter' },
  permission: { publish: { audio: true, video: true }, subscribe: { audio: true, video: true } },
  room: { id: 'room', views: [], participants: [], streams: [] },
  ticket: 'ticket-1',
  ticketMs: 600_000,
  keepMs: 60_000,
  epoch: 'epoch-1',
  iceServers: [],
};
const text = (message: string) => ({ do: 'text', request: { to: 'all', message } }) as const;
const publish = { do: 'publish' as const, request: { media: { tracks: [] } }, offer: 'v=0' };

let timers: TestTimers;
let sockets: TestSocket[];
let urls: string[];
let connection: Connection;
let seen: unknown[];

beforeEach(() => {
  timers = new TestTimers();
  sockets = [];
  urls = [];
  seen = [];
  connection = new Connection({
    url: 'ws://test/signal',
    timers,
    openSocket: (url, events) => {
      urls.push(url);
      const socket = new TestSocket(events);
      sockets.push(socket);
      return socket;
    },
  });
  connection.events.on('notices', (notices) => seen.push(...notices));
  connection.events.on('room', (room) => seen.push({ room: room.id }));
  connection.events.on('lost', (error) => seen.push({ lost: error.message }));
  connection.events.on('dropped', (reason) => seen.push({ dropped: reason }));
});

function socket(index = -1): TestSocket {
  const found = sockets.at(index);
  if (found === undefined) throw new Error('no socket was opened');
  return found;
}

/** What was asked on the present socket. */
function actions(): string[] {
  return socket()
    .sent.flat()
    .map((message) => message.do);
}

function last(action: string): number {
  return (
    socket()
      .sent.flat()
      .findLast((message) => message.do === action)?.cid ?? 0
  );
}

async function join(more: Partial<JoinResult> = {}): Promise<void> {
  const joining = connection.join('token', () => undefined);
  socket().events.opened();
  socket().say({
    replies: [{ cid: 1, ok: true, data: { ...joinResult, ...more } satisfies JoinResult }],
    seq: 10,
    notices: [],
  });
  await joining;
}

/** Breaks the connection and answers the resume of the next one. */
async function breakAndResume(result: { lastCid: number; room?: JoinResult['room']; epoch?: string }) {
  socket().events.closed(1006, '');
  await timers.pass(500);
  socket().events.opened();
  const resume = socket().sent[0]?.[0];
  socket().say({
    replies: [
      {
        cid: resume?.cid ?? 0,
        ok: true,
        data: {
          ticket: 'ticket-2',
          ticketMs: 600_000,
          epoch: 'epoch-1',
          iceServers: [],
          ...result,
        } satisfies ResumeResult,
      },
    ],
  });
  await settle();
  return resume;
}

describe('Connection', () => {
  it('joins, giving the result before the notices of the same frame', async () => {
    const order: string[] = [];
    connection.events.on('notices', () => order.push('notices'));
    const joining = connection.join('token', ({ participant }) => order.push(participant.id));
    socket().events.opened();
    expect(socket().sent[0]?.[0]).toMatchObject({ do: 'join', cid: 1, token: 'token' });
    socket().say({
      replies: [{ cid: 1, ok: true, data: joinResult }],
      seq: 3,
      notices: [{ type: 'participant-left', participant: 'x' }],
    });
    await joining;
    expect(order).toEqual(['me', 'notices']);
    expect(connection.state.phase).toBe('open');
  });

  it('rejects a refused join with the server’s code and text, and can join again', async () => {
    const joining = connection.join('token', () => undefined);
    socket().events.opened();
    socket().say({ replies: [{ cid: 1, ok: false, error: { code: 'forbidden', message: 'Room is full' } }] });
    await expect(joining).rejects.toMatchObject({ code: 'forbidden', message: 'Room is full' });
    expect(connection.state.phase).toBe('idle');
    const again = connection.join('other', () => undefined);
    socket().events.opened();
    socket().say({ replies: [{ cid: 2, ok: true, data: joinResult }] });
    await expect(again).resolves.toBeUndefined();
  });

  it.each([
    { do: 'stream-control', request: { id: 's', operation: 'get-region', data: 'common' } },
    { do: 'mixer-stats' },
    { do: 'stats', transport: 't' },
  ] as const)('asks again after a break for what changes nothing: $do', async (body) => {
    await join();
    const answer = connection.request(body, (data) => data);
    await settle();
    // Another command of ours with a higher number took effect.
    await breakAndResume({ lastCid: 99 });
    const again = socket().sent.at(-1)?.[0];
    expect(again).toMatchObject(body);
    socket().say({ replies: [{ cid: again?.cid ?? 0, ok: true, data: { answered: true } }] });
    await expect(answer).resolves.toEqual({ answered: true });
  });

  it('does not ask again after a break for what took effect', async () => {
    await join();
    const mix = { id: 's', operation: 'mix', data: 'common' } as const;
    const done = connection.request({ do: 'stream-control', request: mix }, (data) => data);
    await settle();
    await breakAndResume({ lastCid: 99 });
    await expect(done).resolves.toBeUndefined();
    expect(
      socket()
        .sent.flat()
        .map(({ do: what }) => what),
    ).toEqual(['resume']);
  });

  it('rejects a join when the server cannot be reached', async () => {
    const joining = connection.join('token', () => undefined);
    socket().events.closed(1006, '');
    await expect(joining).rejects.toMatchObject({ code: 'unavailable' });
  });

  it('sends the requests of one tick in one frame, with growing command ids', async () => {
    await join();
    const both = Promise.all([
      connection.request(text('a'), () => 1),
      connection.request(text('b'), () => 2),
    ]);
    await settle();
    expect(socket().sent[1]?.map(({ cid }) => cid)).toEqual([2, 3]);
    socket().say({
      replies: [
        { cid: 3, ok: true },
        { cid: 2, ok: true },
      ],
    });
    await expect(both).resolves.toEqual([1, 2]);
  });

  it('reads a reply before the notices of its frame', async () => {
    await join();
    const order: string[] = [];
    connection.events.on('notices', () => order.push('notice'));
    const reply = connection.request(text('a'), () => order.push('reply'));
    await settle();
    socket().say({
      replies: [{ cid: 2, ok: true }],
      seq: 11,
      notices: [{ type: 'text', from: 'me', to: 'all', message: 'a' }],
    });
    await reply;
    expect(order).toEqual(['reply', 'notice']);
  });

  it('names the epoch in which the history goes on, and the place it has, also when it comes back twice', async () => {
    await join();
    socket().say({ seq: 14, notices: [], epoch: 'epoch-2' });
    expect(await breakAndResume({ lastCid: 0, epoch: 'epoch-3' })).toMatchObject({
      seq: 14,
      epoch: 'epoch-2',
    });
    expect(await breakAndResume({ lastCid: 0 })).toMatchObject({ seq: 14, epoch: 'epoch-3' });
  });

  it('resumes with ticket, seq and epoch, and sends again only what had no effect', async () => {
    await join();
    socket().say({ seq: 14, notices: [{ type: 'participant-left', participant: 'x' }] });
    const done = connection.request(text('took effect'), () => 'done');
    await settle();
    const lost = connection.request(text('was lost'), () => 'again');
    await settle();
    const resume = await breakAndResume({ lastCid: 2 });
    expect(resume).toMatchObject({ do: 'resume', ticket: 'ticket-1', seq: 14, epoch: 'epoch-1' });
    await expect(done).resolves.toBe('done');
    expect(socket().sent.slice(1)).toEqual([[{ ...text('was lost'), cid: 3 }]]);
    socket().say({ replies: [{ cid: 3, ok: true }] });
    await expect(lost).resolves.toBe('again');
  });

  it('asks again, under its id, for a session whose reply was lost', async () => {
    await join();
    const session = connection.request(publish, (data) => data);
    await settle();
    await breakAndResume({ lastCid: 2 });
    expect(socket().sent[1]?.[0]).toMatchObject({ do: 'publish', cid: 2, offer: 'v=0' });
    socket().say({
      replies: [{ cid: 2, ok: true, data: { id: 's', transportId: 's' } satisfies SessionReply }],
    });
    await expect(session).resolves.toMatchObject({ id: 's' });
  });

  it('keeps requests made during a break for after it', async () => {
    await join();
    socket().events.closed(1012, 'come back');
    const waiting = connection.request(text('meanwhile'), () => 'sent');
    await settle();
    await timers.pass(500);
    socket().events.opened();
    socket().say({
      replies: [
        {
          cid: 3,
          ok: true,
          data: {
            ticket: 't',
            ticketMs: 600_000,
            epoch: 'epoch-1',
            lastCid: 0,
            iceServers: [],
          } satisfies ResumeResult,
        },
      ],
    });
    await settle();
    expect(socket().sent[1]?.[0]).toMatchObject({ do: 'text', cid: 2 });
    socket().say({ replies: [{ cid: 2, ok: true }] });
    await expect(waiting).resolves.toBe('sent');
  });

  it('drops notices it has seen, and takes the whole room where the history is gone', async () => {
    await join();
    const left = { type: 'participant-left', participant: 'x' } as const;
    socket().say({ seq: 12, notices: [left] });
    socket().say({ seq: 12, notices: [left] });
    expect(seen).toEqual([left]);
    await breakAndResume({ lastCid: 0, epoch: 'epoch-2', room: { ...joinResult.room, id: 'whole' } });
    socket().say({ seq: 2, notices: [left] });
    expect(seen).toEqual([left, { room: 'whole' }, left]);
  });

  it('tries again with growing waits until the server keeps the participant no longer', async () => {
    await join();
    const waiting = connection.request(text('never'), () => undefined);
    const rejected = expect(waiting).rejects.toMatchObject({ code: 'unavailable' });
    socket().events.closed(1006, '');
    for (let second = 0; second < 70; second++) {
      await timers.pass(1000);
      if (sockets.length > 1) socket().events.closed(1006, '');
    }
    await rejected;
    expect(sockets.length).toBeGreaterThan(8);
    expect(sockets.length).toBeLessThan(60);
    expect(seen).toEqual([{ lost: 'The server could not be reached in time' }]);
    expect(connection.state.phase).toBe('idle');
  });

  it('tells that the participant is lost when the resume is refused', async () => {
    await join();
    socket().events.closed(1006, '');
    await timers.pass(500);
    socket().events.opened();
    socket().say({
      replies: [{ cid: 2, ok: false, error: { code: 'not-found', message: 'Client does NOT exist' } }],
    });
    expect(seen).toEqual([{ lost: 'Client does NOT exist' }]);
  });

  it('comes again where the room cannot be reached for now', async () => {
    await join();
    socket().events.closed(1006, '');
    await timers.pass(500);
    const [first] = [socket()];
    first.events.opened();
    const error = { code: 'unavailable', message: 'The room cannot be reached' } as const;
    first.say({ replies: [{ cid: 2, ok: false, error }] });
    expect(connection.state.phase).toBe('reconnecting');
    // As the server closes who has not joined.
    first.events.closed(4401, 'not joined');
    await timers.pass(5000);
    expect(sockets.length).toBeGreaterThan(2);
    socket().events.opened();
    const resume = socket().sent[0]?.[0];
    expect(resume).toMatchObject({ do: 'resume', ticket: 'ticket-1', seq: 10 });
    const data = { ticket: 'ticket-2', ticketMs: 600_000, epoch: 'epoch-1', lastCid: 0, iceServers: [] };
    socket().say({ replies: [{ cid: resume?.cid ?? 0, ok: true, data }] });
    await settle();
    expect([connection.state.phase, seen]).toEqual(['open', []]);
  });

  it.each([
    { code: 4403, outcome: { dropped: 'why' }, phase: 'closed' },
    { code: 4409, outcome: { dropped: 'why' }, phase: 'closed' },
    { code: 4401, outcome: { lost: 'why' }, phase: 'idle' },
    { code: 4413, outcome: undefined, phase: 'reconnecting' },
    { code: 1001, outcome: undefined, phase: 'reconnecting' },
  ])('is $phase after close code $code', async ({ code, outcome, phase }) => {
    await join();
    socket().events.closed(code, 'why');
    expect(connection.state.phase).toBe(phase);
    expect(seen).toEqual(outcome === undefined ? [] : [outcome]);
  });

  it('ends when the server says it dropped us', async () => {
    await join();
    socket().say({ seq: 11, notices: [{ type: 'dropped', reason: 'Owner leave' }] });
    expect(connection.state).toEqual({ phase: 'closed', reason: 'Owner leave' });
    expect(seen.at(-1)).toEqual({ dropped: 'Owner leave' });
  });

  it('finds out a dead path by silence and reconnects', async () => {
    await join();
    void connection.request(text('into the void'), () => undefined).catch(() => undefined);
    await settle();
    await timers.pass(16_000);
    expect(sockets.length).toBe(2);
    expect(socket(0).closedByClient).toBe(true);
  });

  it('asks something when it heard nothing for long, so that silence can be told from death', async () => {
    await join();
    await timers.pass(20_000);
    expect(socket().sent.at(-1)?.[0]?.do).toBe('stats');
    expect(sockets.length).toBe(1);
  });

  it('reconnects after an unreadable frame', async () => {
    await join();
    socket().events.received(encode('nonsense').slice().buffer);
    expect(connection.state.phase).toBe('reconnecting');
  });

  it('leaves at once: what waits, then the leave, then the end', async () => {
    await join();
    const waiting = connection.request(text('last words'), () => undefined);
    connection.leave();
    connection.leave();
    await expect(waiting).rejects.toMatchObject({ code: 'unavailable' });
    expect(
      socket()
        .sent.slice(1)
        .flat()
        .map((message) => message.do),
    ).toEqual(['text', 'leave']);
    expect(socket().closedByClient).toBe(true);
    expect(connection.state).toEqual({ phase: 'closed', reason: 'left' });
  });

  it('asks for another ticket long before the one it has expires, and resumes with that', async () => {
    await join();
    const busyFor = async (seconds: number): Promise<void> => {
      for (let second = 0; second < seconds; second += 5) {
        await timers.pass(5_000);
        socket().say({ seq: 11, notices: [] });
      }
    };
    await busyFor(295);
    expect(actions()).not.toContain('ticket');
    await busyFor(10);
    expect(actions().filter((action) => action === 'ticket')).toHaveLength(1);
    // It is refused once, as by an edge whose store is away.
    const refused = {
      cid: last('ticket'),
      ok: false,
      error: { code: 'unavailable', message: 'away' },
    } as const;
    socket().say({ replies: [refused] });
    await settle();
    await timers.pass(5_000);
    expect(actions().filter((action) => action === 'ticket')).toHaveLength(2);
    const data = { ticket: 'ticket-3', ticketMs: 600_000 };
    socket().say({ replies: [{ cid: last('ticket'), ok: true, data }] });
    await settle();
    expect(await breakAndResume({ lastCid: 0 })).toMatchObject({ do: 'resume', ticket: 'ticket-3' });
  });

  it('leaves while it joins: the server, which may have let it in, is told, and nothing comes of the join', async () => {
    const joining = connection.join('token', () => undefined);
    socket().events.opened();
    connection.leave();
    await expect(joining).rejects.toMatchObject({ code: 'unavailable' });
    expect(actions()).toEqual(['join', 'leave']);
    expect(socket().closedByClient).toBe(true);
    await timers.pass(60_000);
    expect([connection.state, seen]).toEqual([{ phase: 'closed', reason: 'left' }, []]);
  });

  it('tells a server that did not answer a join in time that it is not coming', async () => {
    const joining = connection.join('token', () => undefined);
    socket().events.opened();
    const rejected = expect(joining).rejects.toMatchObject({ message: 'The server did not answer' });
    await timers.pass(20_000);
    await rejected;
    expect(actions()).toEqual(['join', 'leave']);
    expect(connection.state.phase).toBe('idle');
  });

  it('rejects a join that is answered with something unreadable', async () => {
    const joining = connection.join('token', () => undefined);
    socket().events.opened();
    socket().events.received(encode('nonsense').slice().buffer);
    await expect(joining).rejects.toMatchObject({ code: 'unavailable' });
    expect(connection.state.phase).toBe('idle');
  });

  it('leaves while it is broken: closed at once, and the server is told when it is reached', async () => {
    await join();
    socket().events.closed(1006, '');
    const waiting = connection.request(text('too late'), () => undefined);
    connection.leave();
    await expect(waiting).rejects.toMatchObject({ code: 'unavailable' });
    const left = { phase: 'closed', reason: 'left' };
    expect(connection.state).toEqual(left);
    await timers.pass(500);
    socket().events.closed(1006, '');
    await timers.pass(1000);
    socket().events.opened();
    const resume = socket().sent[0]?.[0];
    expect(resume).toMatchObject({ do: 'resume', ticket: 'ticket-1' });
    const data = {
      ticket: 't',
      ticketMs: 600_000,
      epoch: 'epoch-1',
      lastCid: 0,
      iceServers: [],
      room: joinResult.room,
    };
    socket().say({ replies: [{ cid: resume?.cid ?? 0, ok: true, data }] });
    expect(actions()).toEqual(['resume', 'leave']);
    expect(socket().closedByClient).toBe(true);
    await timers.pass(120_000);
    expect([sockets.length, connection.state, seen]).toEqual([3, left, []]);
  });

  it.each<[string, () => void]>([
    ['is answered no more', () => undefined],
    ['breaks again', () => socket().events.closed(1006, '')],
    ['is refused', () => socket().events.closed(4401, 'not joined')],
    ['is told that another took over', () => socket().events.closed(4409, 'replaced')],
  ])('leaves while it comes back, and hears nothing of it when that %s', async (_, happens) => {
    await join();
    socket().events.closed(1006, '');
    await timers.pass(500);
    socket().events.opened();
    connection.leave();
    happens();
    for (let second = 0; second < 100; second++) {
      await timers.pass(1000);
      if (sockets.length > 2) socket().events.closed(1006, '');
    }
    const { length } = sockets;
    await timers.pass(100_000);
    expect([connection.state, seen]).toEqual([{ phase: 'closed', reason: 'left' }, []]);
    expect(sockets.length).toBe(length);
  });

  it('does not cut the connection it has for an answer that an earlier one owed', async () => {
    await join();
    socket().events.closed(1006, '');
    await timers.pass(500);
    socket().events.opened();
    socket().events.received(encode('nonsense').slice().buffer);
    await timers.pass(500);
    socket().events.opened();
    const data = { ticket: 't', ticketMs: 600_000, epoch: 'epoch-1', lastCid: 0, iceServers: [] };
    socket().say({ replies: [{ cid: socket().sent[0]?.[0]?.cid ?? 0, ok: true, data }] });
    await timers.pass(15_000);
    expect([connection.state.phase, sockets.length]).toEqual(['open', 3]);
  });

  it('refuses requests beyond its bound and without a conference', async () => {
    await expect(connection.request(text('early'), () => undefined)).rejects.toMatchObject({
      message: 'Not connected',
    });
    await join();
    for (let count = 0; count < 512; count++)
      connection.request(text('x'), () => undefined).catch(() => undefined);
    await expect(connection.request(text('too many'), () => undefined)).rejects.toMatchObject({
      message: 'Too many requests wait',
    });
  });

  it('goes where its edge sends it, stays there, and tries where it came from when that fails', async () => {
    await join();
    socket().say({ moveTo: { host: 'other:3000', secure: false } });
    await breakAndResume({ lastCid: 0 });
    await breakAndResume({ lastCid: 0 });
    socket().events.closed(1006, '');
    await timers.pass(500);
    socket().events.closed(1006, '');
    await timers.pass(1000);
    expect(urls).toEqual([
      'ws://test/signal',
      'ws://other:3000/signal',
      'ws://other:3000/signal',
      'ws://other:3000/signal',
      'ws://test/signal',
    ]);
  });

  it('goes to another edge that it was told of when its own is gone', async () => {
    await join({ others: [{ host: 'other:3000', secure: false }] });
    socket().events.closed(1006, '');
    await timers.pass(500);
    socket().events.closed(1006, '');
    await timers.pass(1000);
    expect(urls).toEqual(['ws://test/signal', 'ws://test/signal', 'ws://other:3000/signal']);
  });

  it.each(['', 'a/b', 'user@host:1/x', '::'])('is not sent to %j', async (host) => {
    await join();
    socket().say({ moveTo: { host, secure: false } });
    await breakAndResume({ lastCid: 0 });
    expect(urls).toEqual(['ws://test/signal', 'ws://test/signal']);
  });
});
