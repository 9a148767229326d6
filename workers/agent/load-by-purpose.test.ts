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
  ['video', { machine: 0.2, device: { load: 0.7 } }, 0.7],
  ['video', { device: { load: 1 } }, 0.99],
  ['audio', { machine: 0.2, device: { load: 0.7 } }, 0.2],
  ['recording', { machine: 0.5 }, 0.5],
  ['analytics', { machine: 0.5 }, 0.5],
  ['sip', { machine: 0.5 }, 0.5],
  ['streaming', { machine: 0.5, network: 0.6 }, 0.6],
  ['streaming', { overloaded: true }, 1],
  ['webrtc', { overloaded: true }, 1],
] as const)('%s with %j is %d full', (purpose, over, load) => {
  expect(loadOf(purpose, { ...idle, ...over }, 0.85)).toBe(load);
});

/** Whether the scheduler gives it one more view: that has to fit below `maxLoad`. */
it.each([
  ['idle, on a slow device', { machine: 0.2, device: { load: 0, cost: 0.765 } }, 0.85, 0.084, true],
  ['busy, on a device with room', { process: 0.84, device: { load: 0.3, cost: 0.4 } }, 0.85, 0.449, true],
  ['with much to forward', { forwarding: 0.8, device: { load: 0.1, cost: 0.1 } }, 0.85, 0.75, true],
  ['whose device has room for many', { machine: 0.5, device: { load: 0.1, cost: 0.02 } }, 0.85, 0.5, true],
  ['with idle processors', { machine: 0.1, device: { load: 0.4, cost: 0.2 } }, 0.85, 0.4, true],
  ['with full processors', { machine: 0.9, device: { load: 0.1, cost: 0.1 } }, 0.85, 0.9, false],
  ['with processors at the limit', { machine: 0.85, device: { load: 0, cost: 0.1 } }, 0.85, 0.85, false],
  ['that forwards all it can', { forwarding: 1, device: { load: 0, cost: 0.1 } }, 0.85, 1, false],
  ['with a full device', { machine: 0.3, device: { load: 0.8, cost: 0.1 } }, 0.85, 0.8, false],
  ['whose device rests', { machine: 0.9, device: { load: 0 } }, 0.85, 0.9, false],
  ['that lags', { overloaded: true, device: { load: 0, cost: 0.1 } }, 0.85, 1, false],
  [
    'with full processors that refuse nothing',
    { machine: 1, device: { load: 0, cost: 0.9 } },
    1,
    0.099,
    true,
  ],
] as const)('a worker %s: %j below %d is %d full', (_name, over, maxLoad, load, takes) => {
  const measured: Measures = { ...idle, ...over };
  expect(loadOf('video', measured, maxLoad)).toBe(load);
  expect(load < maxLoad && load + (measured.device?.cost ?? 0) <= maxLoad).toBe(takes);
});
