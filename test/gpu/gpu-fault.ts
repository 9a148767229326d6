// Owns the faults of simulated GPUs, and how the driver is told of them (driver/faults.cc reads it).

/** What a job is that a GPU does. */
export type GpuJob = 'decode' | 'vpp' | 'encode';

interface When {
  /** Jobs that still go well, counted from the moment at which the fault is injected. */
  readonly after?: number;
  /** Jobs that it strikes; all from then on without it. */
  readonly times?: number;
  /** Only jobs of one kind. */
  readonly on?: GpuJob;
}

/**
 * `busy`: EndPicture or, `at: 'sync'`, waiting for a result answers HW_BUSY. `lost`: every call that reaches the device
 * fails. `stall`: EndPicture or, `at: 'sync'`, waiting takes `ms`, without it until the faults change. `slow`: jobs take `ms`
 * longer. `corrupt`: jobs give wrong results. `crash`: SIGSEGV in the driver. `surfaces`: there can be no more than `max` in
 * the process.
 */
export type GpuFault =
  | ({ readonly kind: 'lost' | 'corrupt' | 'crash' } & When)
  | ({ readonly kind: 'busy'; readonly at?: 'end' | 'sync' } & When)
  | ({ readonly kind: 'stall'; readonly ms?: number; readonly at?: 'end' | 'sync' } & When)
  | ({ readonly kind: 'slow'; readonly ms: number } & When)
  | { readonly kind: 'surfaces'; readonly max: number };

/** A line as the driver reads it, for example `stall after=3 at=sync`. */
export function wordsOfFault({ kind, ...rest }: GpuFault): string {
  return [kind, ...Object.entries(rest).map(([key, value]) => `${key}=${value}`)].join(' ');
}
