import { expect, it } from 'vitest';
import { carrier } from './carrier.ts';

const interfaces = {
  lo: [{ address: '127.0.0.1', internal: true }],
  eth0: [{ address: '10.0.0.2', internal: false }],
  eth1: [
    { address: 'fe80::1', internal: false },
    { address: '203.0.113.9', internal: false },
  ],
};
const route = (name: string) =>
  `Iface\tDestination\tGateway\nother\t000200C0\t00000000\n${name}\t00000000\t010200C0\n`;

it.each([
  ['that carries the public address', interfaces, ['203.0.113.9'], route('eth0'), 'eth1'],
  ['of the default route behind NAT', interfaces, ['198.51.100.1'], route('eth0'), 'eth0'],
  ['of loopback, when media is bound to it', interfaces, ['127.0.0.1'], route('eth0'), 'lo'],
  ['that leads out, where no route is known', interfaces, [], '', 'eth0'],
  ['of none', { lo: interfaces.lo }, [], '', undefined],
] as const)('measures the interface %s', (_, all, addresses, routes, name) => {
  expect(carrier(all, addresses, routes)).toBe(name);
});
