// Owns the contract of leases: one holder at a time, with a fencing token that only grows (architecture §4).
export interface Lease {
  /** The fencing token when `holder` has the lease now (taken or renewed), undefined when another has it. */
  acquire(name: string, holder: string, ttlMs: number): Promise<number | undefined>;
  release(name: string, holder: string): Promise<void>;
  holder(name: string): Promise<string | undefined>;
}
