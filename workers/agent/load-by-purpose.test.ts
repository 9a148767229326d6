import { expect, it } from 'vitest';
import { loadOf, type Measures } from './load-by-purpose.ts';

const idle: Measures = { process: 0, forwarding: 0, transports: 0, overloaded: false };

it.each([
  ['webrtc', { network: 0.7 }, 0.7],
  ['webrtc', { network: 1.4 }, 1],
  ['webrtc', { machine: 1 }, 0],
  ['webrtc', { process: 1 }, 0.99],
  ['webrtc', { forwarding: 0.4, transports: 0.5 }, 0.5],
  ['video', { machine: 1, network: 1 }, 0.99],
  ['video', { machine: 0.2, process: 0.6 }, 0.6],
  ['audio', { forwarding: 0.9 }, 0.9],
  ['video', { machine: 0.2, device: 0.7 }, 0.7],
  ['video', { device: 1 }, 0.99],
  ['audio', { machine: 0.2, device: 0.7 }, 0.2],
  ['recording', { machine: 0.5 }, 0.5],
  ['analytics', { machine: 0.5 }, 0.5],
  ['sip', { machine: 0.5 }, 0.5],
  ['streaming', { machine: 0.5, network: 0.6 }, 0.6],
  ['streaming', { overloaded: true }, 1],
  ['webrtc', { overloaded: true }, 1],
] as const)('%s with %j is %d full', (purpose, over, load) => {
  expect(loadOf(purpose, { ...idle, ...over })).toBe(load);
});
