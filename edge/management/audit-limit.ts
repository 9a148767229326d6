// Owns how much of what anybody may cause is written down: so many entries a minute from one address and from all, the
// rest counted. Without it an attacker could fill the audit log and push everything else out of it.
import type { AuditEntry } from '../../schemas/audit.ts';
import type { Audit } from '../store/audit.ts';

const windowMs = 60_000;

/** Per minute. */
export interface AuditLimits {
  readonly perAddress: number;
  readonly together: number;
}

/** Records entries within the limits; what was left out is told by an `unlisted` entry once the minute is over. */
export class AuditLimit {
  readonly #audit: Audit;
  readonly #limits: AuditLimits;
  /** By address; never more of them than entries a minute. */
  #listed = new Map<string, number>();
  #together = 0;
  #unlisted = 0;
  #first: AuditEntry | undefined;
  #since = Number.NEGATIVE_INFINITY;

  constructor(audit: Audit, limits: AuditLimits) {
    this.#audit = audit;
    this.#limits = limits;
  }

  record(entry: AuditEntry): void {
    const { at, address = '' } = entry;
    if (at - this.#since >= windowMs || at < this.#since) this.#begin(at);
    const listed = this.#listed.get(address) ?? 0;
    if (this.#together >= this.#limits.together || listed >= this.#limits.perAddress) {
      this.#unlisted += 1;
      this.#first ??= entry;
      return;
    }
    this.#listed.set(address, listed + 1);
    this.#together += 1;
    this.#audit.record(entry);
  }

  #begin(at: number): void {
    if (this.#first !== undefined) {
      const { request, by, method, path, status } = this.#first;
      // Of several services and addresses, maybe: they are not told.
      this.#audit.record({ request, at, kind: 'unlisted', by, method, path, status, count: this.#unlisted });
    }
    this.#listed = new Map();
    this.#together = 0;
    this.#unlisted = 0;
    this.#first = undefined;
    this.#since = at;
  }
}
