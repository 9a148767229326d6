// Owns room logs inside one process. Appended batches reach subscribers at the end of the turn, so after the append's own
// promise has been answered: the writer has folded them by then and drops them unread.
import type { Clock, Log, Random } from '../../clock.ts';
import { defaultSettleMs, type LogEntry, type LogPosition, type RoomLog } from '../../store/room-log.ts';
import type { Unsubscribe } from '../../../schemas/bus.ts';
import { SluiceError } from '../../../schemas/error.ts';

interface Kept {
  readonly epoch: string;
  readonly before: readonly LogPosition[];
  seq: number;
  /** Entries `firstSeq` … `seq`. */
  firstSeq: number;
  entries: Uint8Array[];
  snapshot?: { readonly seq: number; readonly bytes: Uint8Array };
  /** In milliseconds since 1970: until then nothing is appended. */
  readonly settles?: number;
}

type Handler = (entries: readonly LogEntry[], epoch: string) => void;

const maxBatch = 1000;
/** Of one room, without a snapshot that lets them go: far beyond what a working room reaches. */
const maxKept = 100_000;
const maxRemoved = 10_000;

/** Logs that live and die with this process. */
export function createMemoryRoomLog(options: { clock: Clock; random: Random; log?: Log }): RoomLog {
  const { clock, random, log } = options;
  const rooms = new Map<string, Kept>();
  /** By room the epoch of the log that was removed last. */
  const removed = new Map<string, string>();
  const handlers = new Map<string, Set<Handler>>();

  const freshEpoch = () => Array.from(random.bytes(8), (byte) => byte.toString(16).padStart(2, '0')).join('');

  function begin(room: string): Kept {
    const found = rooms.get(room);
    if (found) return found;
    const kept: Kept = { epoch: freshEpoch(), before: [], seq: 0, firstSeq: 1, entries: [] };
    rooms.set(room, kept);
    return kept;
  }

  function after(kept: Kept, afterSeq: number, limit: number): LogEntry[] {
    const from = Math.max(0, afterSeq + 1 - kept.firstSeq);
    return kept.entries
      .slice(from, from + limit)
      .map((bytes, index) => ({ seq: kept.firstSeq + from + index, bytes }));
  }

  function tell(room: string, entries: readonly LogEntry[], epoch: string): void {
    for (const handler of [...(handlers.get(room) ?? [])]) {
      if (!handlers.get(room)?.has(handler)) continue;
      try {
        handler(entries, epoch);
      } catch (error) {
        log?.error('room log: a subscriber threw', { room, error });
      }
    }
  }

  return {
    open(room) {
      const kept = begin(room);
      const { epoch, before, seq, snapshot } = kept;
      const entries = after(kept, snapshot?.seq ?? 0, Infinity);
      return Promise.resolve({ epoch, before, seq, entries, ...(snapshot && { snapshot }) });
    },
    append(room, expected, entries) {
      if (entries.length < 1 || entries.length > maxBatch) {
        return Promise.reject(new SluiceError('internal', `An append has 1 to ${maxBatch} entries`));
      }
      const kept = rooms.get(room);
      if (kept?.epoch !== expected.epoch) {
        return Promise.resolve({ ok: false, epoch: kept?.epoch ?? '', seq: kept?.seq ?? 0, entries: [] });
      }
      const { epoch, settles = 0 } = kept;
      if (settles > clock.now()) {
        const settlesInMs = settles - clock.now();
        return Promise.resolve({ ok: false, epoch, seq: kept.seq, entries: [], settlesInMs });
      }
      if (kept.seq !== expected.seq) {
        const missing = after(kept, expected.seq, maxBatch);
        return Promise.resolve({ ok: false, epoch, seq: kept.seq, entries: missing });
      }
      if (kept.entries.length + entries.length > maxKept) {
        return Promise.reject(new SluiceError('unavailable', 'The room log is full'));
      }
      const first = expected.seq + 1;
      for (const bytes of entries) kept.entries.push(bytes);
      kept.seq = expected.seq + entries.length;
      if (handlers.has(room)) {
        clock.after(0, () => {
          tell(
            room,
            entries.map((bytes, index) => ({ seq: first + index, bytes })),
            epoch,
          );
        });
      }
      return Promise.resolve({ ok: true, seq: kept.seq });
    },
    read(room, afterSeq, limit) {
      const kept = rooms.get(room);
      if (!kept) return Promise.resolve({ epoch: '', seq: 0, entries: [], trimmed: false });
      return Promise.resolve({
        epoch: kept.epoch,
        seq: kept.seq,
        entries: after(kept, afterSeq, limit),
        trimmed: afterSeq + 1 < kept.firstSeq,
      });
    },
    snapshot(room, { epoch, seq }, bytes, keepFromSeq) {
      const kept = rooms.get(room);
      if (kept?.epoch !== epoch || seq > kept.seq || (kept.snapshot && kept.snapshot.seq >= seq))
        return Promise.resolve();
      kept.snapshot = { seq, bytes };
      const drop = Math.min(keepFromSeq, seq) - kept.firstSeq + 1;
      if (drop > 0) {
        kept.entries = kept.entries.slice(drop);
        kept.firstSeq += drop;
      }
      return Promise.resolve();
    },
    subscribe(room, handler): Unsubscribe {
      const own: Handler = (entries, epoch) => {
        handler(entries, epoch);
      };
      const all = handlers.get(room) ?? new Set();
      handlers.set(room, all.add(own));
      return () => {
        all.delete(own);
        if (all.size === 0 && handlers.get(room) === all) handlers.delete(room);
      };
    },
    remove(room, at) {
      const kept = rooms.get(room);
      if (!kept || (at && (kept.epoch !== at.epoch || kept.seq !== at.seq))) return Promise.resolve();
      rooms.delete(room);
      removed.set(room, kept.epoch);
      for (const [oldest] of removed) {
        if (removed.size <= maxRemoved) break;
        removed.delete(oldest);
      }
      return Promise.resolve();
    },
    restore(room, at, bytes, latest) {
      const { epoch, seq } = at;
      const kept = rooms.get(room);
      const ended = kept?.before.find((each) => each.epoch === epoch)?.seq;
      const behind = kept === undefined || (ended === kept.seq && kept.seq < seq);
      if (!behind || removed.get(room) === epoch) return Promise.resolve(false);
      const others = kept?.before.filter((each) => each.epoch !== epoch) ?? [];
      const next: Kept = {
        epoch: freshEpoch(),
        before: [at, ...(kept ? [{ epoch: kept.epoch, seq: kept.seq }] : []), ...others],
        seq,
        firstSeq: seq - latest.length + 1,
        entries: [...latest],
        snapshot: { seq, bytes },
        settles: kept?.settles ?? clock.now() + defaultSettleMs,
      };
      rooms.set(room, next);
      clock.after(0, () => tell(room, [], next.epoch));
      return Promise.resolve(true);
    },
  };
}
