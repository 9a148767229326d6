// Owns the way of commands into the log (architecture §3, room-log rules 2, 3, 5 and 6): one append in flight, what arrives
// meanwhile is the next batch. Who loses too often against others, or is far from the log, lets the conductor decide
// (forwarder.ts); the conductor decides for others here.
import { SluiceError } from '../../schemas/error.ts';
import type { Clock, Log } from '../clock.ts';
import type { AppendResult, LogEntry, LogPosition, RoomLog } from '../store/room-log.ts';
import type { Command } from './command.ts';
import { decideBatch, maxBatch, type Batch, type QueuedCommand } from './decide-batch.ts';
import type { CommandId } from './event.ts';
import type { ForwardedBatch } from './forward-codec.ts';
import type { Forwarder } from './forwarder.ts';
import type { Outcome } from './live-room.ts';
import type { Fold, Replica } from './replica.ts';
import { sameBytes } from './same-bytes.ts';

/** A command that waits for its outcome. */
interface Pending extends QueuedCommand {
  n?: number;
  written?: number;
  /** The replica's epoch when it was forwarded. */
  epoch?: string;
  /** The log was read since it was asked. */
  upToDate?: true;
  readonly resolve: (outcome: Outcome) => void;
  readonly reject: (error: SluiceError) => void;
}

export interface CommitterDeps {
  readonly room: string;
  readonly edge: string;
  readonly roomLog: RoomLog;
  readonly replica: Replica;
  readonly forwarder: Forwarder;
  readonly clock: Clock;
  readonly log: Log;
  /** Called after each append of this edge. Must not throw. */
  readonly appended: () => void;
}

const maxQueued = 10_000;
/** Deciding and folding never keep the event loop from its other work for much longer than this at a time. */
const stretchMs = 10;
/** Each conflict is somebody else's progress; so many in a row mean this edge should not be deciding. */
const maxConflicts = 200;
/** While a log settles, it is asked again so often: it may go on earlier, as another one. */
const settlingMs = 100;
const maxSettling = 100;
/** What another edge has appended comes by itself; after so long the log is asked for it. */
const foldedWithinMs = 100;

export class Committer {
  readonly #deps: CommitterDeps;
  #queue: Pending[] = [];
  #running: Promise<void> | undefined;
  #lastN = 0;
  /** While forwarded commands are out: whether all of them are in the log. */
  #lookForWritten: () => void = () => undefined;

  constructor(deps: CommitterDeps) {
    this.#deps = deps;
  }

  /** As `LiveRoom.execute`. */
  execute(command: Command, by: CommandId | undefined): Promise<Outcome> {
    return this.#enqueue({ command, by, edge: this.#deps.edge });
  }

  /** Decides for another edge. Rejects with SluiceError `unavailable` when that failed; some may be written then. */
  async executeForwarded({ edge, after, commands }: ForwardedBatch): Promise<readonly Outcome[]> {
    const { replica } = this.#deps;
    if (replica.state.seq < after) await replica.refill();
    if (replica.state.seq < after) throw new SluiceError('unavailable', 'The log is behind the asking edge');
    return Promise.all(commands.map(({ n, by, command }) => this.#enqueue({ command, by, edge, n })));
  }

  /** Hears of every fold: a command whose answer was lost is recognised by it. */
  folded({ seq, record }: Fold): void {
    const { edge } = this.#deps;
    if (record?.n === undefined || record.edge !== edge) return;
    const pending = this.#queue.find((each) => each.n === record.n && each.edge === edge);
    if (pending) pending.written = seq;
  }

  /** Hears that the room's state is another, after a run of folds or taken anew. */
  changed(): void {
    this.#lookForWritten();
  }

  /** Resolves when nothing is queued or in flight. */
  async idle(): Promise<void> {
    while (this.#running) await this.#running;
  }

  #enqueue(command: QueuedCommand): Promise<Outcome> {
    return new Promise((resolve, reject) => {
      if (this.#queue.length >= maxQueued) {
        reject(new SluiceError('unavailable', 'The room is too busy'));
        return;
      }
      const { command: what, by, edge, n } = command;
      const pending: Pending = { command: what, by, edge, resolve, reject };
      if (n !== undefined) pending.n = n;
      this.#queue.push(pending);
      // Not before the end of the caller's own step: what it executes together is one batch.
      this.#running ??= Promise.resolve().then(() => this.#run());
    });
  }

  async #run(): Promise<void> {
    const { clock, forwarder } = this.#deps;
    let conflicts = 0;
    let stretchFrom = clock.now();
    while (this.#queue.length > 0) {
      if (clock.now() - stretchFrom >= stretchMs) {
        await new Promise<void>((resolve) => void clock.after(0, resolve));
        stretchFrom = clock.now();
      }
      try {
        if (forwarder.wanted && (await this.#forward())) {
          conflicts = 0;
          continue;
        }
        const batch = this.#prepare();
        if (batch.folds.length === 0) {
          if (this.#isFinal(batch)) this.#answer(batch.outcomes);
          else await this.#catchUp();
          continue;
        }
        conflicts = (await this.#append(batch)) ? 0 : conflicts + 1;
        if (conflicts > 0) forwarder.conflicted(conflicts);
        else forwarder.appended();
        if (conflicts > maxConflicts) throw new SluiceError('unavailable', 'The room is too busy');
      } catch (error) {
        this.#fail(error);
        conflicts = 0;
      }
    }
    // At once: what comes after the last look at the queue must start the next run.
    this.#running = undefined;
  }

  /** False when nobody decides for this edge, or it is not known what became of it: then it decides itself. */
  async #forward(): Promise<boolean> {
    const { replica, forwarder, edge } = this.#deps;
    // What others asked of this edge while it conducted is theirs to bring elsewhere.
    if (this.#queue.some((each) => each.edge !== edge)) return false;
    const { epoch } = replica;
    const asked = this.#queue.slice(0, maxBatch);
    this.#lastN = Math.max(this.#lastN, replica.state.edges.get(edge) ?? 0);
    for (const pending of asked) {
      pending.n ??= this.#lastN += 1;
      pending.epoch ??= epoch;
    }
    const written = this.#written(asked);
    const answered = forwarder.ask(
      replica.state.seq,
      asked.map(({ n = 0, by, command }) => ({ n, by, command })),
    );
    const outcomes = await Promise.race([written, answered]);
    this.#lookForWritten = () => undefined;
    const last = outcomes?.reduce((most, each) => Math.max(most, each.ok ? each.seq : 0), 0) ?? 0;
    if (outcomes !== undefined && (await replica.reached(last, foldedWithinMs))) {
      this.#answer(outcomes);
      return true;
    }
    await replica.refill();
    this.#giveUpLost();
    return false;
  }

  /** Resolves once all of them are in the log: then their outcomes are known before the answer comes. */
  #written(asked: readonly Pending[]): Promise<readonly Outcome[]> {
    return new Promise((resolve) => {
      this.#lookForWritten = () => {
        const outcomes = asked.flatMap(({ written }): Outcome[] =>
          written === undefined ? [] : [{ ok: true, seq: written }],
        );
        if (outcomes.length === asked.length) resolve(outcomes);
      };
    });
  }

  /**
   * A forwarded command without an answer is in the log, and then its fold has been seen; or it was refused, or never
   * came there, and is decided here. Only who has not seen every fold since cannot tell.
   */
  #giveUpLost(): void {
    const { replica, edge } = this.#deps;
    const decidedTo = replica.state.edges.get(edge) ?? 0;
    const lost = (each: Pending) =>
      each.epoch !== undefined && each.epoch !== replica.epoch && (each.n ?? 0) <= decidedTo;
    for (const pending of this.#queue) {
      if (lost(pending)) pending.reject(new SluiceError('unavailable', 'The answer was lost'));
      else if (pending.written === undefined && (pending.n ?? Infinity) <= decidedTo) delete pending.n;
    }
    this.#queue = this.#queue.filter((each) => !lost(each));
  }

  #prepare(): Batch {
    const { clock, replica, log } = this.#deps;
    const at = clock.now();
    const spent = () => clock.now() - at >= stretchMs;
    return decideBatch(replica.state, this.#queue, { at, spent, log });
  }

  /** Nobody is refused for what was written elsewhere before they asked, and this edge has not heard of. */
  #isFinal({ outcomes }: Batch): boolean {
    return outcomes.every(({ ok }, index) => ok || this.#queue[index]?.upToDate);
  }

  async #catchUp(): Promise<void> {
    const asked = [...this.#queue];
    await this.#deps.replica.catchUp();
    for (const pending of asked) pending.upToDate = true;
  }

  /** False when others were faster: the queue is to be decided again. Rejects when the log cannot be reached. */
  async #append(batch: Batch): Promise<boolean> {
    const { room, replica, log } = this.#deps;
    const at = replica.position;
    const known = { answered: false };
    const answer = () => {
      if (!known.answered) this.#answer(batch.outcomes);
      known.answered = true;
    };
    replica.expect({ ...batch, published: answer });
    const result = await this.#appendOnceSettled(batch, at).finally(() => replica.expect(undefined));
    // Entries of an epoch that was left meanwhile do not continue the state.
    const current = replica.position.epoch === at.epoch;
    if (!result.ok) {
      if (result.epoch !== at.epoch || result.seq < at.seq) {
        log.error('the room log may have lost entries: opening it again', { room });
        await replica.restart();
        return false;
      }
      if (current) replica.apply(result.entries);
      if (replica.state.seq === batch.base.seq) await replica.refill();
      return false;
    }
    if (replica.state === batch.base) replica.adopt(batch.folds, batch.bytes);
    else if (current) replica.apply(entriesOf(batch));
    if (replica.state.seq < result.seq) await replica.refill();
    answer();
    this.#deps.appended();
    return true;
  }

  /** A log that may have lost its end takes nothing for a while: who knows more of it may be about to give it back. */
  async #appendOnceSettled(batch: Batch, at: LogPosition): Promise<AppendResult> {
    const { clock } = this.#deps;
    for (let tries = 0; tries < maxSettling; tries += 1) {
      const result = await this.#tryAppend(batch, at);
      if (result.ok || result.settlesInMs === undefined) return result;
      const waitMs = Math.min(result.settlesInMs, settlingMs);
      await new Promise<void>((resolve) => void clock.after(waitMs, resolve));
    }
    throw new SluiceError('unavailable', 'The room log does not settle');
  }

  /** An append without an answer may have happened: the log says which, since no other edge writes these bytes. */
  async #tryAppend(batch: Batch, at: LogPosition): Promise<AppendResult> {
    const { room, roomLog, log } = this.#deps;
    try {
      return await roomLog.append(room, at, batch.bytes);
    } catch (error) {
      log.warn('an append failed: looking what became of it', { room, error });
      const { epoch, seq: last, entries } = await roomLog.read(room, at.seq, maxBatch);
      if (epoch !== at.epoch) return { ok: false, epoch, seq: last, entries: [] };
      const ours = entriesOf(batch);
      const written = ours.every(({ seq, bytes }, index) => {
        const found = entries[index];
        return found?.seq === seq && sameBytes(found.bytes, bytes);
      });
      if (written) return { ok: true, seq: batch.base.seq + ours.length };
      if (last === at.seq) throw error;
      return { ok: false, epoch, seq: last, entries };
    }
  }

  /** Tells these outcomes to as many commands at the head of the queue, which leave it. */
  #answer(outcomes: readonly Outcome[]): void {
    const done = this.#queue.splice(0, outcomes.length);
    for (const [index, outcome] of outcomes.entries()) done[index]?.resolve(outcome);
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
