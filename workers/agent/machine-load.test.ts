// Measured on this machine: what is said must be a share, and traffic must show.
import { createSocket } from 'node:dgram';
import { existsSync } from 'node:fs';
import { expect, it } from 'vitest';
import { watchMachineLoad } from './machine-load.ts';

const onLinux = existsSync('/sys/class/net/lo/statistics/rx_bytes');

it.runIf(onLinux)('traffic over the interface is a share of what it can carry', async () => {
  const load = watchMachineLoad({
    interfaceName: '',
    addresses: ['127.0.0.1'],
    networkMaxMbps: 1,
    processors: false,
  });
  expect(load.interfaceName).toBe('lo');
  expect(load.take(0)).toEqual({ network: undefined, machine: undefined });
  const socket = createSocket('udp4');
  const bytes = Buffer.alloc(1024);
  const sent = Array.from(
    { length: 64 },
    () => new Promise((resolve) => socket.send(bytes, 9, '127.0.0.1', resolve)),
  );
  await Promise.all(sent);
  socket.close();
  // 64 KiB in the one second that is said to have passed are half of a Mbit, and other programs may add to it.
  expect(load.take(1000).network).toBeGreaterThanOrEqual(0.5);
});

it('processors are a share, once there is something to compare', async () => {
  const load = watchMachineLoad({
    interfaceName: 'none',
    addresses: [],
    networkMaxMbps: 1,
    processors: true,
  });
  load.take(0);
  let machine: number | undefined;
  for (let now = 1; machine === undefined; now += 1) {
    await new Promise((resolve) => setTimeout(resolve, 5));
    ({ machine } = load.take(now));
  }
  expect(machine).toBeGreaterThanOrEqual(0);
  expect(machine).toBeLessThanOrEqual(1);
  expect(load.take(9999).network).toBeUndefined();
});
