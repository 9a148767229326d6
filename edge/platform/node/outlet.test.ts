import { EventEmitter } from 'node:events';
import { expect, it } from 'vitest';
import { Outlet } from './outlet.ts';

class FakeWebSocket extends EventEmitter {
  readonly pings: string[] = [];
  bufferedAmount = 0;
  ping(data: string): void {
    this.pings.push(data);
  }
  pong(data: string): void {
    this.emit('pong', new TextEncoder().encode(data));
  }
}

class FakeTransport extends EventEmitter {
  writable = false;
  readonly socket: FakeWebSocket | undefined;
  constructor(socket?: FakeWebSocket) {
    super();
    this.socket = socket;
  }
}

class FakeConnection extends EventEmitter {
  transport: FakeTransport;
  constructor(transport: FakeTransport) {
    super();
    this.transport = transport;
  }
  /** As Engine.IO: given to the transport at once where that takes it. */
  send(data: string, at: 'once' | 'later' = 'once'): void {
    this.emit('packetCreate', { data });
    if (at === 'once') this.flush();
  }
  flush(): void {
    this.emit('flush');
    this.emit('drain');
  }
}

function outlet(transport: FakeTransport) {
  const connection = new FakeConnection(transport);
  const tested = new Outlet(connection);
  const arrived: string[] = [];
  return {
    connection,
    tested,
    arrived,
    ask: (name: string) => {
      tested.confirm(() => arrived.push(name));
    },
  };
}

it('takes a pong for all that was sent before its ping, and for no more', () => {
  const socket = new FakeWebSocket();
  const { connection, arrived, ask } = outlet(new FakeTransport(socket));
  connection.send('a');
  ask('a');
  connection.send('b');
  ask('b');
  connection.send('c');
  ask('c');
  expect(socket.pings).toEqual(['1', '2', '3']);
  socket.pong('2');
  expect(arrived).toEqual(['a', 'b']);
  socket.pong('2');
  socket.pong('3');
  expect(arrived).toEqual(['a', 'b', 'c']);
});

it('pings behind what still waits in the buffer, once for all that waits', () => {
  const socket = new FakeWebSocket();
  const { connection, tested, arrived, ask } = outlet(new FakeTransport(socket));
  connection.send('waits', 'later');
  ask('first');
  connection.send('too', 'later');
  ask('second');
  expect(socket.pings).toEqual([]);
  expect(tested.bufferedBytes).toBe(8);
  connection.flush();
  expect(socket.pings).toEqual(['1']);
  expect(tested.bufferedBytes).toBe(0);
  socket.pong('1');
  expect(arrived).toEqual(['first', 'second']);
});

it('takes the next poll for the arrival of the last response', () => {
  const transport = new FakeTransport();
  const { connection, arrived, ask } = outlet(transport);
  connection.send('a');
  ask('a');
  connection.send('b', 'later');
  ask('b');
  expect(arrived).toEqual([]);
  // The next poll: Engine.IO answers it with what waits.
  transport.once('ready', () => connection.flush());
  transport.emit('ready');
  expect(arrived).toEqual(['a']);
  transport.emit('ready');
  expect(arrived).toEqual(['a', 'b']);
});

it('goes over to pings when polling is upgraded', () => {
  const socket = new FakeWebSocket();
  const { connection, arrived, ask } = outlet(new FakeTransport());
  connection.send('a');
  ask('a');
  connection.transport = new FakeTransport(socket);
  connection.emit('upgrade');
  expect(socket.pings).toEqual(['1']);
  socket.pong('1');
  expect(arrived).toEqual(['a']);
});

it('counts what the network has not taken', () => {
  const socket = new FakeWebSocket();
  const { connection, tested } = outlet(new FakeTransport(socket));
  connection.send('12345', 'later');
  socket.bufferedAmount = 100;
  expect(tested.bufferedBytes).toBe(105);
});
