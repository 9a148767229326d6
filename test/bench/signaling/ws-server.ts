// A baseline: the least a room server can be, plain `ws` that sends each text to every member as JSON.
import { createServer } from 'node:http';
import { type WebSocket, WebSocketServer } from 'ws';

const members = new Set<WebSocket>();
const server = createServer();
const sockets = new WebSocketServer({ server, perMessageDeflate: false });
sockets.on('connection', (socket) => {
  members.add(socket);
  socket.on('close', () => members.delete(socket));
  socket.on('message', (data: Buffer) => {
    const text: unknown = JSON.parse(data.toString());
    const frame = JSON.stringify(text);
    for (const member of members) member.send(frame);
  });
});
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  console.log(JSON.stringify({ pid: process.pid, port }));
});
