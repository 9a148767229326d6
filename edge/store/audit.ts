// Owns the contract of the audit log: what was done to services and rooms, by whom. It forgets the oldest first.
import type { AuditEntry } from '../../schemas/audit.ts';

export interface AuditQuery {
  /** Entries of this service. */
  readonly service: string;
  /** Those without a service as well. */
  readonly orNone?: boolean;
  /** The first ones at or after this time (milliseconds since 1970); without it the latest ones. */
  readonly since?: number;
  readonly limit: number;
}

export interface Audit {
  /** Keeps an entry. Never throws: an operation does not fail because it cannot be written down. */
  record(entry: AuditEntry): void;
  /** In the order in which they were recorded. */
  recent(query: AuditQuery): Promise<readonly AuditEntry[]>;
  /** Resolves when everything recorded is where it will be kept. */
  close(): Promise<void>;
}
