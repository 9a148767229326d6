// Owns one edge's copy of a room: the state folded from the log, in order and without holes, and what hangs on each fold.
// It appends nothing (`committer.ts`), but gives a log back what that lost.
import type { Unsubscribe } from '../../schemas/bus.ts';
import type { AddressedNotice } from '../../schemas/notice.ts';
import type { Clock, Log } from '../clock.ts';
import type { LogEntry, LogOpening, LogPosition, RoomLog } from '../store/room-log.ts';
import type { LogRecord } from './event.ts';
import { evolve } from './evolve.ts';
import { History } from './history.ts';
import { LatestEntries } from './latest-entries.ts';
import { notify } from './notify.ts';
import { decodeRecords } from './record-codec.ts';
import { sameBytes } from './same-bytes.ts';
import { decodeState, encodeState } from './snapshot-codec.ts';
import { emptyRoom, type RoomState } from './state.ts';

/** One log entry and what it did. `record` is absent when the entry could not be read: then it did nothing. */
export interface Fold {
  readonly seq: number;
  readonly record?: LogRecord;
  readonly before: RoomState;
  readonly after: RoomState;
}

/** What this edge has decided on the state `base` and is appending. */
export interface OwnAppend {
  readonly base: RoomState;
  readonly folds: readonly Fold[];
  readonly bytes: readonly Uint8Array[];
  /** Called once it is folded because the log has published it. Must not throw. */
  readonly published: () => void;
}

export interface ReplicaDeps {
  readonly room: string;
  readonly roomLog: RoomLog;
  readonly clock: Clock;
  readonly log: Log;
  readonly historyEntries: number;
  /** Called for every entry in order, with the notices it causes. Must not throw. */
  readonly folded: (fold: Fold, notices: readonly AddressedNotice[]) => void;
  /** Called when the state is another: after a run of folds, or taken anew. Must not throw. */
  readonly changed: () => void;
}

const readLimit = 1000;
const refillRetryMs = 200;

export class Replica {
  readonly #deps: ReplicaDeps;
  #state: RoomState;
  #epoch = '';
  /** Earlier epochs of the same log, and up to where they hold. */
  #before: readonly LogPosition[] = [];
  /** Counts the times this replica jumped over entries: who resumes from before the jump must begin anew. */
  #jumps = 0;
  #history: History;
  readonly #latest = new LatestEntries();
  #own: OwnAppend | undefined;
  #unsubscribe: Unsubscribe | undefined;
  #refilling: Promise<void> | undefined;
  #restarting: Promise<void> | undefined;
  #cancelRetry: Unsubscribe | undefined;
  #closed = false;
  /** Who waits for the state to change. */
  #waiting: (() => void)[] = [];

  constructor(deps: ReplicaDeps) {
    this.#deps = deps;
    this.#state = emptyRoom(deps.room);
    this.#history = new History(deps.historyEntries, 0);
  }

  get state(): RoomState {
    return this.#state;
  }

  get epoch(): string {
    return this.#jumps === 0 ? this.#epoch : `${this.#epoch}+${this.#jumps}`;
  }

  /** Where this replica stands in the log. */
  get position(): LogPosition {
    return { epoch: this.#epoch, seq: this.#state.seq };
  }

  since(seq: number, epoch: string): readonly AddressedNotice[] | undefined {
    const known = epoch === this.epoch || holds(this.#before, { epoch, seq });
    return known ? this.#history.since(seq) : undefined;
  }

  seqAt(time: number): number {
    return this.#history.seqAt(time);
  }

  /** Takes the room from its log. Subscribes first, so that nothing falls between. Rejects as the log does. */
  async open(): Promise<void> {
    const { room, roomLog } = this.#deps;
    const early: [readonly LogEntry[], string][] = [];
    let take = (entries: readonly LogEntry[], epoch: string) => void early.push([entries, epoch]);
    this.#unsubscribe = roomLog.subscribe(room, (entries, epoch) => take(entries, epoch));
    try {
      await this.#reopen();
    } catch (error) {
      this.close();
      throw error;
    }
    take = (entries, epoch) => {
      // A subscription that was interrupted says so by an empty batch: its silent tail has to be fetched. Of another epoch
      // are entries of a log that is not the one read here, or not any more.
      if (entries.length === 0 || epoch !== this.#epoch) void this.refill();
      else this.apply(entries);
    };
    for (const [entries, epoch] of early) take(entries, epoch);
  }

  /** The subscription may be faster than the answer to an append: then its entries are adopted, not read. */
  expect(own: OwnAppend | undefined): void {
    this.#own = own;
  }

  /** Folds what continues the state, drops what it has, fetches what is missing between. */
  apply(entries: readonly LogEntry[]): void {
    if (this.#closed) return;
    const own = this.#own;
    if (own?.base === this.#state && isOwn(own, entries)) {
      this.#own = undefined;
      this.adopt(own.folds, own.bytes);
      own.published();
      return;
    }
    const from = this.#state.seq;
    this.#foldOn(entries);
    if (this.#state.seq < (entries.at(-1)?.seq ?? 0)) void this.refill();
    if (this.#state.seq > from) this.#changed();
  }

  /** Folds what was decided and appended here as `bytes`, without reading these again; the folds continue the state. */
  adopt(folds: readonly Fold[], bytes: readonly Uint8Array[]): void {
    for (const [index, fold] of folds.entries()) {
      const written = bytes[index];
      if (written !== undefined) this.#latest.push({ seq: fold.seq, bytes: written });
      this.#fold(fold);
    }
    this.#changed();
  }

  /** Fetches what the log holds after the state, whatever that takes; resolves also when that failed for now. */
  refill(): Promise<void> {
    this.#refilling ??= this.#refill();
    return this.#refilling;
  }

  /** As `refill`, with a look into the log that begins now. */
  async catchUp(): Promise<void> {
    await this.#refilling;
    await this.refill();
  }

  /** Whether the state comes to hold log entry `seq`: the log is asked when it has not come by itself in time. */
  async reached(seq: number, patienceMs: number): Promise<boolean> {
    if (this.#state.seq >= seq) return true;
    const { epoch } = this;
    const until = this.#deps.clock.now() + patienceMs;
    const cancel = this.#deps.clock.after(patienceMs, () => this.#wake());
    const patient = () => this.#deps.clock.now() < until && !this.#closed;
    while (this.#state.seq < seq && patient()) {
      await new Promise<void>((wake) => void this.#waiting.push(wake));
    }
    cancel();
    if (this.#state.seq < seq) await this.refill();
    return this.#state.seq >= seq && this.epoch === epoch;
  }

  /** Takes the room from its log again, which may not be the one this state came from: then that is thrown away. */
  restart(): Promise<void> {
    this.#restarting ??= this.#reopen()
      .then(() => this.#changed())
      .finally(() => (this.#restarting = undefined));
    return this.#restarting;
  }

  /** Lets the log forget what a snapshot of the present state makes superfluous. Rejects as the log does. */
  async snapshot(keepEntries: number): Promise<void> {
    const { room, roomLog } = this.#deps;
    const { seq } = this.#state;
    await roomLog.snapshot(room, this.position, encodeState(this.#state), Math.max(0, seq - keepEntries));
  }

  close(): void {
    this.#closed = true;
    this.#unsubscribe?.();
    this.#cancelRetry?.();
    this.#wake();
  }

  #changed(): void {
    this.#deps.changed();
    this.#wake();
  }

  #wake(): void {
    for (const wake of this.#waiting.splice(0)) wake();
  }

  async #refill(): Promise<void> {
    const { room, clock, log } = this.#deps;
    try {
      let more = true;
      while (more && !this.#closed) more = await this.#readOn();
    } catch (error) {
      log.warn('the room log could not be read', { room, error });
      this.#cancelRetry?.();
      this.#cancelRetry = clock.after(refillRetryMs, () => void this.refill());
    }
    // At once: a hole found after the last look must start the next refill.
    this.#refilling = undefined;
  }

  /** True when there may be more to read. */
  async #readOn(): Promise<boolean> {
    const { room, roomLog } = this.#deps;
    const from = this.position;
    const { epoch, seq, entries, trimmed } = await roomLog.read(room, from.seq, readLimit);
    if (this.#epoch !== from.epoch) return true;
    if (trimmed || epoch !== from.epoch || seq < from.seq) {
      await this.restart();
      return false;
    }
    const before = this.#state.seq;
    this.#applyRead(entries);
    return entries.length >= readLimit && this.#state.seq > before;
  }

  /** As `apply`, but a hole in what the log itself says is not filled by asking it again. */
  #applyRead(entries: readonly LogEntry[]): void {
    const last = entries.findIndex(
      ({ seq }, index) => index > 0 && seq !== (entries[index - 1]?.seq ?? 0) + 1,
    );
    const whole = last < 0 ? entries : entries.slice(0, last);
    if ((whole[0]?.seq ?? 0) <= this.#state.seq + 1) this.apply(whole);
  }

  async #reopen(): Promise<void> {
    const { room, roomLog, log, historyEntries } = this.#deps;
    await this.#giveBack();
    let opening = await roomLog.open(room);
    let state = opening.snapshot ? decodeState(room, opening.snapshot.bytes) : emptyRoom(room);
    if (!state) {
      log.error('the snapshot of the room is damaged: the room begins anew', { room });
      await roomLog.remove(room);
      opening = await roomLog.open(room);
      state = emptyRoom(room);
    }
    if (this.#closed) return;
    const between = await this.#between(opening);
    const goesOn = between !== undefined;
    if (!goesOn && this.#epoch !== '') {
      const { epoch, seq } = opening;
      const had = this.position;
      log.warn('what this edge had of the room is not in its log: everybody is shown the room anew', {
        ...{ room, hadEpoch: had.epoch, hadSeq: had.seq, epoch, seq },
      });
    }
    if (this.#epoch !== opening.epoch) this.#jumps = 0;
    else if (!goesOn) this.#jumps += 1;
    this.#epoch = opening.epoch;
    this.#before = opening.before;
    if (!goesOn) {
      this.#state = state;
      this.#history = new History(historyEntries, state.seq);
      this.#latest.clear();
    }
    this.#foldOn([...(between ?? []), ...opening.entries]);
  }

  /**
   * What the log holds between this state and what was read of it; undefined when this state is not the beginning of that
   * log, or too much of it is gone.
   */
  async #between(opening: LogOpening): Promise<readonly LogEntry[] | undefined> {
    const { room, roomLog } = this.#deps;
    const { position } = this;
    if (!isOf(opening, position)) return undefined;
    const from = opening.snapshot?.seq ?? 0;
    if (from <= position.seq) return [];
    const { epoch, trimmed, entries } = await roomLog.read(room, position.seq, readLimit);
    const reach = epoch === opening.epoch && !trimmed && (entries.at(-1)?.seq ?? 0) >= from;
    return reach ? entries : undefined;
  }

  /** A store that has lost the room, or its latest events, is told what this replica knows, before anybody begins anew. */
  async #giveBack(): Promise<void> {
    const { room, roomLog, log } = this.#deps;
    if (this.#epoch === '' || !this.#state.document) return;
    const { position } = this;
    const latest = this.#latest.upTo(position.seq);
    const given = await roomLog.restore(room, position, encodeState(this.#state), latest);
    if (given) log.warn('the room log had lost entries: it has them back', { room, seq: position.seq });
  }

  /** Folds what continues the state, up to the first hole. */
  #foldOn(entries: readonly LogEntry[]): void {
    const next = continuing(entries, this.#state.seq);
    const records = decodeRecords(next.map(({ bytes }) => bytes));
    for (const [index, entry] of next.entries()) {
      this.#latest.push(entry);
      this.#foldRecord(records[index], entry.seq);
    }
  }

  #foldRecord(record: LogRecord | undefined, seq: number): void {
    const before = this.#state;
    const { log, room } = this.#deps;
    if (record) {
      try {
        this.#fold({ seq, record, before, after: evolve(before, record, seq) });
        return;
      } catch (error) {
        log.error('a log entry could not be folded', { room, seq, error });
      }
    } else log.error('a log entry could not be read', { room, seq });
    this.#fold({ seq, before, after: { ...before, seq } });
  }

  #fold(fold: Fold): void {
    let notices: readonly AddressedNotice[] = [];
    try {
      if (fold.record) notices = notify(fold.before, fold.record.event, fold.after);
    } catch (error) {
      this.#deps.log.error('no notices for a log entry', { room: this.#deps.room, seq: fold.seq, error });
    }
    this.#state = fold.after;
    this.#history.push(notices, fold.record?.at ?? this.#deps.clock.now());
    this.#deps.folded(fold, notices);
  }
}

/** Whether the entries, all of one publication, are that append. */
function isOwn({ base, bytes }: OwnAppend, entries: readonly LogEntry[]): boolean {
  return (
    entries.length === bytes.length &&
    entries.every((entry, index) => {
      const own = bytes[index];
      return entry.seq === base.seq + 1 + index && own !== undefined && sameBytes(entry.bytes, own);
    })
  );
}

/** Those that follow entry `seq` without a hole. */
function continuing(entries: readonly LogEntry[], seq: number): readonly LogEntry[] {
  let last = seq;
  return entries.filter((entry) => {
    if (entry.seq !== last + 1) return false;
    last = entry.seq;
    return true;
  });
}

/** Whether what was read up to `position` is still the beginning of the log. Of its epoch more may be known by now. */
function isOf({ epoch, before }: LogOpening, position: LogPosition): boolean {
  return epoch === position.epoch || holds(before, position);
}

function holds(before: readonly LogPosition[], { epoch, seq }: LogPosition): boolean {
  return before.some((each) => each.epoch === epoch && seq <= each.seq);
}
