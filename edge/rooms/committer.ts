// Owns the way of commands into the log (architecture §3, room-log rules 2, 5 and 6): one append in flight, what arrives
// meanwhile is the next batch, every command is decided on the folded state and the earlier commands of its batch.
import { SluiceError } from '../../schemas/error.ts';
import type { Clock, Log } from '../clock.ts';
import type { AppendResult, LogEntry, RoomLog } from '../store/room-log.ts';
import type { Command, Decision } from './command.ts';
import { decide } from './decide.ts';
import type { CommandId, LogRecord, RoomEvent } from './event.ts';
import { evolve } from './evolve.ts';
import type { Outcome } from './live-room.ts';
import { encodeRecord } from './record-codec.ts';
import type { Fold, Replica } from './replica.ts';
import type { RoomState } from './state.ts';

interface Pending {
  readonly command: Command;
  readonly by: CommandId | undefined;
  readonly resolve: (outcome: Outcome) => void;
  readonly reject: (error: SluiceError) => void;
}

interface Batch {
  readonly base: RoomState;
  readonly folds: readonly Fold[];
  readonly bytes: readonly Uint8Array[];
  /** Of the first commands in the queue, in order. */
  readonly outcomes: readonly Outcome[];
}

export interface CommitterDeps {
  readonly room: string;
  readonly edge: string;
  readonly roomLog: RoomLog;
  readonly replica: Replica;
  readonly clock: Clock;
  readonly log: Log;
  /** Called after each append of this edge. Must not throw. */
  readonly appended: () => void;
}

const maxQueued = 10_000;
const maxBatch = 1000;
/** Deciding and folding never keep the event loop from its other work for much longer than this at a time. */
const stretchMs = 10;
/** Each conflict is somebody else's progress; so many in a row mean this edge should not be deciding. */
const maxConflicts = 200;

export class Committer {
  readonly #deps: CommitterDeps;
  #queue: Pending[] = [];
  #running: Promise<void> | undefined;

  constructor(deps: CommitterDeps) {
    this.#deps = deps;
  }

  /** As `LiveRoom.execute`. */
  execute(command: Command, by: CommandId | undefined): Promise<Outcome> {
    return new Promise((resolve, reject) => {
      if (this.#queue.length >= maxQueued) {
        reject(new SluiceError('unavailable', 'The room is too busy'));
        return;
      }
      this.#queue.push({ command, by, resolve, reject });
      // Not before the end of the caller's own step: what it executes together is one batch.
      this.#running ??= Promise.resolve().then(() => this.#run());
    });
  }

  /** Resolves when nothing is queued or in flight. */
  async idle(): Promise<void> {
    while (this.#running) await this.#running;
  }

  async #run(): Promise<void> {
    const { clock } = this.#deps;
    let conflicts = 0;
    let stretchFrom = clock.now();
    while (this.#queue.length > 0) {
      if (clock.now() - stretchFrom >= stretchMs) {
        await new Promise<void>((resolve) => void clock.after(0, resolve));
        stretchFrom = clock.now();
      }
      const batch = this.#prepare();
      if (batch.folds.length === 0) {
        this.#settle(batch);
        continue;
      }
      try {
        conflicts = (await this.#append(batch)) ? 0 : conflicts + 1;
        if (conflicts > maxConflicts) throw new SluiceError('unavailable', 'The room is too busy');
      } catch (error) {
        this.#fail(error);
        conflicts = 0;
      }
    }
    // At once: what comes after the last look at the queue must start the next run.
    this.#running = undefined;
  }

  #prepare(): Batch {
    const { clock, edge, replica } = this.#deps;
    const base = replica.state;
    const at = clock.now();
    const folds: Fold[] = [];
    const bytes: Uint8Array[] = [];
    const outcomes: Outcome[] = [];
    let state = base;
    for (const { command, by } of this.#queue) {
      if (by && by.cid <= (state.participants.get(by.participant)?.lastCid ?? 0)) {
        outcomes.push({ ok: true, seq: state.seq, duplicate: true });
        continue;
      }
      const decision = this.#decide(state, command, at);
      if (!decision.ok) {
        outcomes.push(decision);
        continue;
      }
      const room = maxBatch - folds.length;
      const whole = decision.events.length <= room;
      if (!whole && folds.length > 0) break;
      // More than one append can hold: its beginning now, the rest is decided again on what that makes of the room. The
      // command's id goes with the rest, or that would be taken for a resend.
      const events = whole ? decision.events : decision.events.slice(0, room);
      const step = this.#step(state, events, { at, edge, ...(whole && by && { by }) });
      if (!step) {
        outcomes.push({ ok: false, refusal: { code: 'bad-request', message: 'The request is too complex' } });
        continue;
      }
      folds.push(...step.folds);
      bytes.push(...step.bytes);
      state = step.folds.at(-1)?.after ?? state;
      if (!whole) break;
      outcomes.push({ ok: true, seq: state.seq });
      if (folds.length === maxBatch || clock.now() - at >= stretchMs) break;
    }
    return { base, folds, bytes, outcomes };
  }

  #decide(state: RoomState, command: Command, at: number): Decision {
    try {
      return decide(state, command, at);
    } catch (error) {
      const { log, room } = this.#deps;
      log.error('a command could not be decided', { room, command: command.type, error });
      return { ok: false, refusal: { code: 'internal', message: 'Internal error' } };
    }
  }

  /** Undefined when the events cannot be written or folded: then none of them is. */
  #step(state: RoomState, events: readonly RoomEvent[], head: Omit<LogRecord, 'event'>) {
    const folds: Fold[] = [];
    const bytes: Uint8Array[] = [];
    let before = state;
    try {
      for (const event of events) {
        const record: LogRecord = { ...head, event };
        const seq = before.seq + 1;
        bytes.push(encodeRecord(record));
        const after = evolve(before, record, seq);
        folds.push({ seq, record, before, after });
        before = after;
      }
    } catch (error) {
      this.#deps.log.error('events could not be written', { room: this.#deps.room, error });
      return undefined;
    }
    return { folds, bytes };
  }

  /** False when others were faster: the queue is to be decided again. Rejects when the log cannot be reached. */
  async #append(batch: Batch): Promise<boolean> {
    const { room, replica, log } = this.#deps;
    const result = await this.#tryAppend(batch);
    if (!result.ok) {
      replica.apply(result.entries);
      if (result.seq < batch.base.seq) {
        log.error('the room log has lost entries: taking the room anew', { room });
        await replica.restart();
      } else if (replica.state.seq === batch.base.seq) await replica.refill();
      return false;
    }
    // The subscription may have been faster.
    if (replica.state === batch.base) replica.adopt(batch.folds);
    else replica.apply(entriesOf(batch));
    if (replica.state.seq < result.seq) await replica.refill();
    this.#settle(batch);
    this.#deps.appended();
    return true;
  }

  /** An append without an answer may have happened: the log says which, since no other edge writes these bytes. */
  async #tryAppend(batch: Batch): Promise<AppendResult> {
    const { room, roomLog, log } = this.#deps;
    try {
      return await roomLog.append(room, batch.base.seq, batch.bytes);
    } catch (error) {
      log.warn('an append failed: looking what became of it', { room, error });
      const { entries } = await roomLog.read(room, batch.base.seq, maxBatch);
      const ours = entriesOf(batch);
      const written = ours.every(({ seq, bytes }, index) => {
        const found = entries[index];
        return found?.seq === seq && sameBytes(found.bytes, bytes);
      });
      if (written) return { ok: true, seq: batch.base.seq + ours.length };
      if (entries.length === 0) throw error;
      return { ok: false, seq: entries.at(-1)?.seq ?? batch.base.seq, entries };
    }
  }

  #settle(batch: Batch): void {
    const done = this.#queue.splice(0, batch.outcomes.length);
    for (const [index, outcome] of batch.outcomes.entries()) done[index]?.resolve(outcome);
  }

  #fail(error: unknown): void {
    const { log, room } = this.#deps;
    log.error('the room log cannot be reached', { room, error });
    const failure = new SluiceError('unavailable', 'The room cannot be reached', error);
    for (const { reject } of this.#queue.splice(0)) reject(failure);
  }
}

function entriesOf(batch: Batch): LogEntry[] {
  return batch.bytes.map((bytes, index) => ({ seq: batch.base.seq + 1 + index, bytes }));
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}
