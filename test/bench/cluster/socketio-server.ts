// The named baseline: one of several socket.io servers with one room, joined by @socket.io/redis-adapter. Argument: the URL
// of Redis.
import { createServer } from 'node:http';
import { createAdapter } from '@socket.io/redis-adapter';
import { Redis } from 'ioredis';
import { Server } from 'socket.io';

const [url = ''] = process.argv.slice(2);
const publisher = new Redis(url);
const server = createServer();
const io = new Server(server, {
  perMessageDeflate: false,
  adapter: createAdapter(publisher, publisher.duplicate()),
});
io.on('connection', (socket) => {
  void socket.join('room');
  socket.on('text', (text: unknown) => io.to('room').emit('text', text));
});
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  console.log(JSON.stringify({ pid: process.pid, port }));
});
