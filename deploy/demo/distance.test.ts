// What goes a long way comes late, whole and in order.
import { once } from 'node:events';
import { connect, createServer, type AddressInfo } from 'node:net';
import { expect, it } from 'vitest';
import { startDistance } from './distance.ts';

it('everything takes its time each way, keeps its order, and its end comes last', async () => {
  const oneWayMs = 30;
  const echo = createServer((socket) => socket.pipe(socket));
  echo.listen(0, '127.0.0.1');
  await once(echo, 'listening');
  const distance = await startDistance((echo.address() as AddressInfo).port, oneWayMs);
  const socket = connect(distance.port, '127.0.0.1');
  await once(socket, 'connect');
  const began = performance.now();
  let back = '';
  let firstMs = 0;
  socket.on('data', (bytes) => {
    if (back === '') firstMs = performance.now() - began;
    back += bytes.toString();
  });
  const sent = Array.from({ length: 500 }, (_, index) => `${index},`);
  for (const each of sent) {
    socket.write(each);
    if (each.endsWith('0,')) await new Promise((resolve) => setImmediate(resolve));
  }
  socket.end();
  await once(socket, 'end');
  expect(back).toBe(sent.join(''));
  expect(firstMs).toBeGreaterThanOrEqual(2 * oneWayMs - 2);
  await distance.close();
  echo.close();
});
