// Owns which faults come when: all from the seed.
import { seeded } from '../fuzz/seeded.ts';

/** What is done to whom. `stop`: it stands still (SIGSTOP) for so many seconds and goes on. */
export const faultKinds = [
  'edge',
  'worker',
  'worker-host',
  'mixer',
  'redis',
  'redis-empty',
  'pubsub',
  'conductors',
  'stop-edge-5',
  'stop-edge-30',
  'stop-worker-5',
  'stop-worker-30',
  'stop-worker-host-5',
  'stop-worker-host-30',
  'stop-mixer-5',
  'stop-mixer-30',
  'stop-redis-5',
  'stop-redis-30',
] as const;
export type FaultKind = (typeof faultKinds)[number];

export interface Fault {
  readonly kind: FaultKind;
  /** Which round of its kind, from 0. */
  readonly round: number;
  /** Chooses the victim among those there are: 0 to below 1. */
  readonly victim: number;
  /** For how long things run well before it. */
  readonly afterMs: number;
  readonly seed: number;
}

const shortestMs = 500;
const longestMs = 1500;

/** `rounds` faults of each kind in an order by chance; the same for the same arguments. */
export function schedule(seed: number, kinds: readonly FaultKind[], rounds: number): Fault[] {
  const random = seeded(seed);
  const faults = kinds.flatMap((kind) =>
    Array.from({ length: rounds }, (_, round) => ({
      fault: {
        kind,
        round,
        victim: random(),
        afterMs: Math.round(shortestMs + random() * (longestMs - shortestMs)),
        seed: Math.floor(random() * 2 ** 32),
      },
      order: random(),
    })),
  );
  return faults.toSorted((a, b) => a.order - b.order).map(({ fault }) => fault);
}
