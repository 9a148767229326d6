import { expect, it } from 'vitest';
import type { Delivery } from '../delivery.ts';
import type { Session } from '../session.ts';
import { Mailbox } from './mailbox.ts';
import type { SioSocket } from './sio-socket.ts';

function text(seq: number): Delivery {
  return { seq, notices: [{ type: 'text', from: 'ann', to: 'all', message: `m${seq}` }] };
}

class FakeSocket implements SioSocket {
  readonly id = 'socket';
  readonly address = '127.0.0.1';
  readonly emitted: string[] = [];
  readonly questions: (() => void)[] = [];
  emit(event: string, data?: unknown): void {
    const sdp = /"sdp":"(.*?)"/.exec(JSON.stringify(data))?.[1];
    this.emitted.push(sdp ?? event);
  }
  confirm(callback: () => void): void {
    this.questions.push(callback);
  }
  disconnect(): void {}
  cut(): void {}
  bufferedBytes(): number {
    return 0;
  }
}

function open(seen = 10) {
  const session = { seen, room: { epoch: 'e' } };
  const socket = new FakeSocket();
  const mailbox = new Mailbox(session as unknown as Session, { version: '1.2', ticket: true });
  mailbox.attach(socket);
  return { session, socket, mailbox };
}

it('begins where the login left the client', () => {
  expect(open(10).mailbox.position).toEqual({ seq: 10, epoch: 'e' });
});

it('moves on with each confirmation, to what that one covers', () => {
  const { socket, mailbox } = open();
  mailbox.deliver(text(11));
  mailbox.deliver(text(12));
  expect(mailbox.position.seq).toBe(10);
  socket.questions[0]?.();
  expect(mailbox.position.seq).toBe(11);
  socket.questions[1]?.();
  expect(mailbox.position.seq).toBe(12);
});

it('asks about no more than a few at a time, and about the rest when one is answered', () => {
  const { socket, mailbox } = open();
  for (let seq = 11; seq <= 40; seq++) mailbox.deliver(text(seq));
  expect(socket.questions).toHaveLength(8);
  socket.questions[7]?.();
  expect(mailbox.position.seq).toBe(18);
  expect(socket.questions).toHaveLength(9);
  socket.questions[8]?.();
  expect(mailbox.position.seq).toBe(40);
});

it('skips what was not for the client when all that was is confirmed, and only then', () => {
  const settled = open();
  settled.mailbox.deliver(text(11));
  settled.socket.questions[0]?.();
  settled.session.seen = 500;
  settled.mailbox.detach(settled.socket);
  expect(settled.mailbox.position.seq).toBe(500);
  const owing = open();
  owing.mailbox.deliver(text(11));
  owing.session.seen = 500;
  owing.mailbox.detach(owing.socket);
  expect(owing.mailbox.position.seq).toBe(10);
});

it('believes no confirmation of a socket that is gone', () => {
  const { socket, mailbox } = open();
  mailbox.deliver(text(11));
  mailbox.detach(socket);
  const next = new FakeSocket();
  mailbox.attach(next);
  socket.questions[0]?.();
  expect(mailbox.position.seq).toBe(10);
  // Nor does the end of the old socket end the new one.
  mailbox.detach(socket);
  mailbox.deliver(text(11));
  expect(next.emitted).toEqual(['text']);
});

it('keeps an answer until it is confirmed, and those after it', () => {
  const { socket, mailbox } = open();
  mailbox.answer('t1', 'one');
  mailbox.answer('t2', 'two');
  socket.questions[0]?.();
  mailbox.detach(socket);
  const next = new FakeSocket();
  mailbox.attach(next);
  mailbox.sendAnswers();
  expect(next.emitted).toEqual(['two']);
  next.questions[0]?.();
  mailbox.sendAnswers();
  expect(next.emitted).toEqual(['two']);
});

it('keeps an answer made while the client was away', () => {
  const { socket, mailbox } = open();
  mailbox.detach(socket);
  mailbox.answer('t1', 'one');
  const next = new FakeSocket();
  mailbox.attach(next);
  mailbox.sendAnswers();
  expect(next.emitted).toEqual(['one']);
});

it('forgets the answers of a transport that the client goes on with', () => {
  const { socket, mailbox } = open();
  mailbox.answer('t1', 'one');
  mailbox.answer('t2', 'two');
  mailbox.hasAnswers('t1');
  mailbox.detach(socket);
  const next = new FakeSocket();
  mailbox.attach(next);
  mailbox.sendAnswers();
  expect(next.emitted).toEqual(['two']);
});

it('takes the first answer of a transport that is up for received, and no later one', () => {
  const { socket, mailbox } = open();
  const up = (seq: number) => ({ seq, notices: [{ type: 'transport-ready', transport: 't1' }] as const });
  mailbox.answer('t2', 'other');
  mailbox.answer('t1', 'first');
  mailbox.answer('t1', 'second');
  mailbox.detach(socket);
  const next = new FakeSocket();
  mailbox.attach(next);
  mailbox.deliver(up(11));
  mailbox.sendAnswers();
  expect(next.emitted).toEqual(['progress', 'other', 'second']);
});

it('keeps a bounded number of answers', () => {
  const { socket, mailbox } = open();
  mailbox.detach(socket);
  for (let number = 0; number < 100; number++) mailbox.answer(`t${number}`, `sdp ${number}`);
  const next = new FakeSocket();
  mailbox.attach(next);
  mailbox.sendAnswers();
  expect(next.emitted).toHaveLength(32);
  expect(next.emitted.at(-1)).toBe('sdp 99');
});
