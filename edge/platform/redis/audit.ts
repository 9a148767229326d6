// Owns the audit log of a cluster in Redis: one stream that all edges write to, bounded by number.
import { decode, encode } from '@msgpack/msgpack';
import * as v from 'valibot';
import { auditEntrySchema, type AuditEntry } from '../../../schemas/audit.ts';
import type { Log } from '../../clock.ts';
import type { Audit, AuditQuery } from '../../store/audit.ts';
import type { RedisConnection, Reply } from './connection.ts';
import { bytesOf, listOf, textOf } from './reply.ts';

const pageSize = 1000;
const repeatable = { repeatable: true };

/** An audit log of the latest `keep` entries (10,000 by default) below `prefix`. Entries that cannot be written are logged. */
export function createRedisAudit(options: {
  connection: RedisConnection;
  prefix: string;
  log: Log;
  keep?: number;
}): Audit {
  const { connection, prefix, log, keep = 10_000 } = options;
  const key = `${prefix}audit`;
  const writing = new Set<Promise<unknown>>();

  /** Pages of entries, from the first on or from the latest back. */
  async function* pages(latestFirst: boolean): AsyncGenerator<readonly AuditEntry[]> {
    const [command, from, to] = latestFirst
      ? (['XREVRANGE', '+', '-'] as const)
      : (['XRANGE', '-', '+'] as const);
    for (let start: string = from; ;) {
      const args = [key, start, to, 'COUNT', pageSize];
      const page = listOf(await connection.send(command, args, repeatable)).map(listOf);
      yield page.flatMap(([, fields]) => readEntry(listOf(fields)[1]));
      if (page.length < pageSize) return;
      start = `(${textOf(page.at(-1)?.[0])}`;
    }
  }

  return {
    record(entry) {
      // With a field that says nothing: a stream's entries have names and values.
      const args = [key, 'MAXLEN', '~', keep, '*', 'e', encode(entry, { ignoreUndefined: true })];
      const written = connection.send('XADD', args).catch((error: unknown) => {
        log.error('audit: an entry could not be written', { request: entry.request, error });
      });
      writing.add(written);
      void written.finally(() => writing.delete(written));
    },
    async recent(query) {
      const { since, limit } = query;
      const found: AuditEntry[] = [];
      for await (const page of pages(since === undefined)) {
        found.push(...page.filter((entry) => isAsked(entry, query)));
        if (found.length >= limit) break;
      }
      const first = found.slice(0, limit);
      return since === undefined ? first.reverse() : first;
    },
    async close() {
      await Promise.all(writing);
    },
  };
}

function isAsked(entry: AuditEntry, { service, orNone, since = -Infinity }: AuditQuery): boolean {
  return entry.at >= since && (entry.service === service || (orNone === true && entry.service === undefined));
}

/** None for what is no entry. */
function readEntry(bytes: Reply | undefined): AuditEntry[] {
  try {
    return [v.parse(auditEntrySchema, decode(bytesOf(bytes)))];
  } catch {
    return [];
  }
}
