// Owns the audit log on disk: one JSON text a line, appended only, in files that are set aside when they are full. What is
// asked of it is answered from memory.
import { appendFile, mkdir, readFile, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import { auditEntrySchema, type AuditEntry } from '../../../schemas/audit.ts';
import type { Log } from '../../clock.ts';
import type { Audit } from '../../store/audit.ts';
import { createMemoryAudit } from '../memory/audit.ts';

export interface AuditFileOptions {
  readonly folder: string;
  readonly log: Log;
  /** A file is set aside before it grows beyond this; 8 MB by default. */
  readonly maxBytes?: number;
  /** How many are kept, the one written to included; 4 by default. */
  readonly files?: number;
}

/** Entries that wait for a slow disk; beyond this they are lost, which is logged. */
const maxWaiting = 10_000;

/**
 * Appends to `audit.jsonl` in the folder (mode 0600), where full ones are called `audit.1.jsonl` and on, the youngest
 * first. It begins with what the two youngest files hold.
 */
export async function createFileAudit(options: AuditFileOptions): Promise<Audit> {
  const { folder, log, maxBytes = 8 * 1024 * 1024, files = 4 } = options;
  const path = (age: number) => join(folder, age === 0 ? 'audit.jsonl' : `audit.${age}.jsonl`);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const earlier = [...(await readEntries(path(1))), ...(await readEntries(path(0)))];
  const memory = createMemoryAudit({ earlier });
  let size = await stat(path(0)).then(
    (found) => found.size,
    () => 0,
  );
  let waiting: string[] = [];
  let lost = 0;
  let writing: Promise<void> | undefined;

  async function setAside(): Promise<void> {
    for (let age = files - 1; age > 0; age -= 1) {
      await rename(path(age - 1), path(age)).catch((error: unknown) => {
        if (!isMissing(error)) throw error;
      });
    }
    size = 0;
  }

  /** One write for all that came during the last one, up to the end of a file. */
  async function write(): Promise<void> {
    while (waiting.length > 0) {
      const [first = ''] = waiting;
      if (size > 0 && size + Buffer.byteLength(first) > maxBytes) await setAside();
      let bytes = 0;
      let count = 0;
      for (const line of waiting) {
        const more = Buffer.byteLength(line);
        if (count > 0 && size + bytes + more > maxBytes) break;
        bytes += more;
        count += 1;
      }
      await appendFile(path(0), waiting.slice(0, count).join(''), { mode: 0o600 });
      size += bytes;
      waiting = waiting.slice(count);
    }
  }

  function begin(): void {
    writing ??= write()
      .catch((error: unknown) => {
        lost += waiting.length;
        waiting = [];
        log.error('the audit log could not be written', { lost, error });
      })
      .finally(() => {
        writing = undefined;
        if (waiting.length > 0) begin();
      });
  }

  return {
    record(entry) {
      memory.record(entry);
      if (waiting.length >= maxWaiting) {
        lost += 1;
        return;
      }
      waiting.push(`${JSON.stringify(entry)}\n`);
      begin();
    },
    recent: (query) => memory.recent(query),
    async close() {
      while (writing !== undefined) await writing;
    },
  };
}

/** A line that a crash cut off is left out. */
async function readEntries(path: string): Promise<readonly AuditEntry[]> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    if (isMissing(error)) return '';
    throw error;
  });
  return text.split('\n').flatMap((line) => {
    try {
      const entry = v.safeParse(auditEntrySchema, JSON.parse(line));
      return entry.success ? [entry.output] : [];
    } catch {
      return [];
    }
  });
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
