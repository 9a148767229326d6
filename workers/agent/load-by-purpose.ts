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
  /** The GPU that makes its pictures: how much of it is taken; what one more view takes, while it is used for that. */
  readonly device?: { readonly load: number; readonly cost?: number | undefined } | undefined;
  /** Of the packets and of the connections that one process keeps in good order. */
  readonly forwarding: number;
  readonly transports: number;
  /** The event loop is late: whatever the purpose, nothing more is wanted. */
  readonly overloaded: boolean;
}

/** Busy processors alone do not refuse work where `maxLoad` is 1: only standstill does. */
const busiest = 0.99;

/** The fullest of what limits a purpose. `maxLoad`: from which load on the worker wants no new work. */
export function loadOf(purpose: Purpose, measures: Measures, maxLoad: number): number {
  const { network = 0, machine = 0, device, forwarding, transports, overloaded } = measures;
  if (overloaded) return 1;
  const processors = Math.min(busiest, Math.max(machine, measures.process));
  switch (purpose) {
    case 'webrtc':
      // What is mixed for its rooms is mixed beside it, so its process counts; other work on the machine does not.
      return limited(network, forwarding, transports, Math.min(busiest, measures.process));
    case 'streaming':
      return limited(network, processors);
    case 'video':
      return limited(
        Math.min(busiest, device?.load ?? 0),
        besideDevice(limited(forwarding, processors), device?.cost, maxLoad),
      );
    case 'audio':
    case 'recording':
    case 'analytics':
    case 'sip':
      return limited(forwarding, processors);
  }
}

/**
 * What `share` of all but the device counts where `cost` is what one more view takes of the device alone. The two are not
 * to be added: while the rest is below `maxLoad` it leaves room for one view. It counts nevertheless, for the device does
 * not make every view, and not many are to come at once.
 */
function besideDevice(share: number, cost: number | undefined, maxLoad: number): number {
  if (cost === undefined || share >= maxLoad) return share;
  // Rounded down, so that the view fits in whole millionths, which the scheduler counts, too.
  return Math.min(share, Math.floor((maxLoad - cost) * 1000) / 1000);
}

function limited(...shares: readonly number[]): number {
  return Math.min(1, Math.max(0, ...shares));
}
