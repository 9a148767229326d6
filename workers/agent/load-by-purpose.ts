// Owns how full a worker is for each purpose, from what was measured (spec cluster §3). Pure.
import type { Purpose } from '../../schemas/worker.ts';

/** Shares of what there is, 0..1; absent: not measured. */
export interface Measures {
  /** Of the network interface, its busier direction. */
  readonly network?: number | undefined;
  /** Of all the machine's processors, whoever uses them. */
  readonly machine?: number | undefined;
  /** Of all the machine's processors, used by this process. */
  readonly process: number;
  /** Of the GPU that makes its pictures, used by this process. */
  readonly device?: number | undefined;
  /** Of the packets and of the connections that one process keeps in good order. */
  readonly forwarding: number;
  readonly transports: number;
  /** The event loop is late: whatever the purpose, nothing more is wanted. */
  readonly overloaded: boolean;
}

/** Busy processors alone do not refuse work where `maxLoad` is 1: only standstill does. */
const busiest = 0.99;

/** The fullest of what limits a purpose. */
export function loadOf(purpose: Purpose, measures: Measures): number {
  const { network = 0, machine = 0, device = 0, forwarding, transports, overloaded } = measures;
  if (overloaded) return 1;
  const processors = Math.min(busiest, Math.max(machine, measures.process));
  switch (purpose) {
    case 'webrtc':
      // What is mixed for its rooms is mixed beside it, so its process counts; other work on the machine does not.
      return limited(network, forwarding, transports, Math.min(busiest, measures.process));
    case 'streaming':
      return limited(network, processors);
    case 'video':
      return limited(forwarding, processors, Math.min(busiest, device));
    case 'audio':
    case 'recording':
    case 'analytics':
    case 'sip':
      return limited(forwarding, processors);
  }
}

function limited(...shares: readonly number[]): number {
  return Math.min(1, Math.max(0, ...shares));
}
