// Owns what one append holds: commands decided one after the other, each on the folded state and what the earlier ones of
// the batch made of it (room-log rules 2 and 5). It writes nothing.
import type { Log } from '../clock.ts';
import type { Command, Decision } from './command.ts';
import { decide } from './decide.ts';
import { logRecord, type CommandId, type RecordHead, type RoomEvent } from './event.ts';
import { evolve } from './evolve.ts';
import type { Outcome } from './live-room.ts';
import { encodeRecord } from './record-codec.ts';
import type { Fold } from './replica.ts';
import type { RoomState } from './state.ts';

export interface QueuedCommand {
  readonly command: Command;
  readonly by: CommandId | undefined;
  /** The edge it was given to. */
  readonly edge: string;
  /** That edge's number for it, once it was forwarded. */
  readonly n?: number | undefined;
  /** The log entry it is known to have become although no answer came. */
  readonly written?: number | undefined;
}

export interface Batch {
  readonly base: RoomState;
  readonly folds: readonly Fold[];
  readonly bytes: readonly Uint8Array[];
  /** Of the first commands in the queue, in order. */
  readonly outcomes: readonly Outcome[];
}

export const maxBatch = 1000;

/**
 * The batch for the beginning of `queue` at time `at` (milliseconds since 1970). It ends early when `spent` says that
 * deciding has taken long enough. Never throws.
 */
export function decideBatch(
  base: RoomState,
  queue: readonly QueuedCommand[],
  { at, spent, log }: { readonly at: number; readonly spent: () => boolean; readonly log: Log },
): Batch {
  const folds: Fold[] = [];
  const bytes: Uint8Array[] = [];
  const outcomes: Outcome[] = [];
  let state = base;
  for (const { command, by, edge, n, written } of queue) {
    if (written !== undefined || isDuplicate(state, edge, n, by)) {
      outcomes.push({ ok: true, seq: written ?? state.seq, duplicate: true });
      continue;
    }
    const decision = decided(state, command, at, log);
    if (!decision.ok) {
      outcomes.push(decision);
      continue;
    }
    const room = maxBatch - folds.length;
    const whole = decision.events.length <= room;
    if (!whole && folds.length > 0) break;
    // More than one append can hold: its beginning now, the rest is decided again on what that makes of the room. The
    // command's ids go with the rest, or that would be taken for a resend.
    const events = whole ? decision.events : decision.events.slice(0, room);
    const head = { at, edge, n: whole ? n : undefined, by: whole ? by : undefined };
    const step = stepped(state, events, head, log);
    if (!step) {
      outcomes.push({ ok: false, refusal: { code: 'bad-request', message: 'The request is too complex' } });
      continue;
    }
    folds.push(...step.folds);
    bytes.push(...step.bytes);
    state = step.folds.at(-1)?.after ?? state;
    if (!whole) break;
    outcomes.push({ ok: true, seq: state.seq });
    if (folds.length === maxBatch || spent()) break;
  }
  return { base, folds, bytes, outcomes };
}

/** Seen before, as a client's resend or as what another edge decided meanwhile. */
function isDuplicate(
  state: RoomState,
  edge: string,
  n: number | undefined,
  by: CommandId | undefined,
): boolean {
  if (n !== undefined && n <= (state.edges.get(edge) ?? 0)) return true;
  return by !== undefined && by.cid <= (state.participants.get(by.participant)?.lastCid ?? 0);
}

function decided(state: RoomState, command: Command, at: number, log: Log): Decision {
  try {
    return decide(state, command, at);
  } catch (error) {
    log.error('a command could not be decided', { room: state.id, command: command.type, error });
    return { ok: false, refusal: { code: 'internal', message: 'Internal error' } };
  }
}

/** Undefined when the events cannot be written or folded: then none of them is. */
function stepped(state: RoomState, events: readonly RoomEvent[], head: RecordHead, log: Log) {
  const folds: Fold[] = [];
  const bytes: Uint8Array[] = [];
  let before = state;
  try {
    for (const event of events) {
      const record = logRecord(head, event);
      const seq = before.seq + 1;
      bytes.push(encodeRecord(record));
      const after = evolve(before, record, seq);
      folds.push({ seq, record, before, after });
      before = after;
    }
  } catch (error) {
    log.error('events could not be written', { room: state.id, error });
    return undefined;
  }
  return { folds, bytes };
}
