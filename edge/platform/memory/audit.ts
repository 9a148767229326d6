// Owns the latest entries of the audit log inside one process.
import type { AuditEntry } from '../../../schemas/audit.ts';
import type { Audit } from '../../store/audit.ts';

/** An audit log of the latest `keep` entries, 10,000 by default; `earlier` ones come first. */
export function createMemoryAudit(
  options: { readonly keep?: number; readonly earlier?: readonly AuditEntry[] } = {},
): Audit {
  const { keep = 10_000, earlier = [] } = options;
  /** Up to twice as many: forgetting one by one would move all the others each time. */
  let entries = earlier.slice(-keep);
  return {
    record(entry) {
      entries.push(entry);
      if (entries.length >= keep * 2) entries = entries.slice(-keep);
    },
    recent({ service, orNone = false, since, limit }) {
      const own = entries
        .slice(-keep)
        .filter((entry) => entry.service === service || (orNone && entry.service === undefined));
      if (since === undefined) return Promise.resolve(own.slice(-limit));
      return Promise.resolve(own.filter(({ at }) => at >= since).slice(0, limit));
    },
    close: () => Promise.resolve(),
  };
}
