// The named baseline: socket.io with one room, as an application without Sluice would do it.
import { createServer } from 'node:http';
import { Server } from 'socket.io';

const server = createServer();
const io = new Server(server, { perMessageDeflate: false });
io.on('connection', (socket) => {
  void socket.join('room');
  socket.on('text', (text: unknown) => io.to('room').emit('text', text));
});
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  console.log(JSON.stringify({ pid: process.pid, port }));
});
