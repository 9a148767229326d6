// Owns reading the rooms' logs as they grow, straight from Redis: the truth that clients' histories are held against.
import { nodeClock } from '../../../edge/platform/node/clock.ts';
import { nodeRandom } from '../../../edge/platform/node/random.ts';
import { createRedisPorts, type RedisPorts } from '../../../edge/platform/redis/ports.ts';
import type { LogRecord } from '../../../edge/rooms/event.ts';
import { decodeRecord } from '../../../edge/rooms/record-codec.ts';
import type { LogEntry, LogPosition } from '../../../edge/store/room-log.ts';
import type { Logged } from '../history/history.ts';
import type { Record } from './record.ts';
import type { Stories } from './stories.ts';

const readAtOnce = 1000;
const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };

interface Following {
  readonly room: string;
  seq: number;
  epoch: string;
  reading?: Promise<void> | undefined;
}

export class LogReader {
  readonly ports: RedisPorts;
  readonly #record: Record;
  readonly #rooms: Following[] = [];
  /** Entries that Redis lost or cut off before they were read here, by room. */
  readonly holes: string[] = [];
  /** Where the views of each room are mixed. */
  readonly mixing = new Map<string, string>();

  constructor(url: string, record: Record) {
    this.ports = createRedisPorts({
      urls: { rooms: url },
      clock: nodeClock,
      random: nodeRandom,
      log: silent,
    });
    this.#record = record;
  }

  /** Follows a room that is live. */
  async follow(room: string): Promise<void> {
    const following: Following = { room, seq: 0, epoch: '' };
    this.#rooms.push(following);
    this.ports.log.subscribe(room, (entries, epoch) => {
      if (entries.length > 0 && epoch === following.epoch) this.#take(following, entries);
      // A log given back has only its latest entries, and lets go of them as it goes on: what was missed is read at once.
      if (epoch !== following.epoch || following.seq < (entries.at(-1)?.seq ?? Infinity))
        this.#readOn(following).catch(() => undefined);
    });
    await this.#readOn(following);
  }

  /** Reads every followed room to its end. Rejects when Redis cannot be reached. */
  async catchUp(): Promise<void> {
    for (const following of this.#rooms) {
      await following.reading?.catch(() => undefined);
      await this.#read(following, 'settled');
    }
  }

  close(): Promise<void> {
    return this.ports.close();
  }

  #readOn(following: Following): Promise<void> {
    following.reading ??= this.#read(following, 'perhaps to be replaced').finally(
      () => (following.reading = undefined),
    );
    return following.reading;
  }

  async #read(following: Following, log: 'settled' | 'perhaps to be replaced'): Promise<void> {
    for (;;) {
      const from = following.seq;
      const { epoch, seq, entries, trimmed } = await this.ports.log.read(following.room, from, readAtOnce);
      // Gone, or given back by an edge that is behind: who knows more may come yet.
      if (seq < from && log === 'perhaps to be replaced') return;
      if (epoch !== following.epoch && (await this.#takenBack(following, { epoch, seq }))) continue;
      following.epoch = epoch;
      if (trimmed) {
        const first = entries[0]?.seq ?? seq + 1;
        if (first <= following.seq + 1) continue;
        this.holes.push(`${following.room}: no entries from ${following.seq + 1} to ${first - 1}`);
        following.seq = first - 1;
      }
      this.#take(following, entries);
      if (following.seq >= seq) return;
    }
  }

  /**
   * A log that Redis lost may have gone on without its last entries: what was read of these is not in it. True when there
   * were such.
   */
  async #takenBack(following: Following, { epoch, seq }: LogPosition): Promise<boolean> {
    const { room, seq: from } = following;
    // One that is not there must not be made by opening it.
    const before = epoch === '' ? [] : (await this.ports.log.open(room)).before;
    const end = before.find((each) => each.epoch === following.epoch)?.seq ?? seq;
    following.epoch = epoch;
    if (end >= from) return false;
    this.holes.push(`${room}: entries ${end + 1} to ${from} were read and are not in the log`);
    this.#record.forget(room, end);
    following.seq = end;
    return true;
  }

  #take(following: Following, entries: readonly LogEntry[]): void {
    const { room } = following;
    for (const { seq, bytes } of entries) {
      if (seq !== following.seq + 1) {
        if (seq <= following.seq) continue;
        return;
      }
      following.seq = seq;
      const record = decodeRecord(bytes);
      if (record?.event.type === 'mixing-placed') this.mixing.set(room, record.event.worker);
      if (record !== undefined) tell(this.#record.stories, seq, record);
      this.#record.log([logged(room, seq, record)]);
    }
  }
}

function logged(room: string, seq: number, record: LogRecord | undefined): Logged {
  if (record === undefined) return { room, seq, event: { type: 'other', name: 'unreadable' } };
  const { event, by } = record;
  const head = { room, seq, ...(by === undefined ? {} : { by }) };
  switch (event.type) {
    case 'text-sent':
      return { ...head, event: { type: 'text', from: event.from, message: event.message } };
    case 'participant-joined':
      return { ...head, event: { type: 'joined', participant: event.participant.id } };
    case 'participant-left':
      return { ...head, event: { type: 'left', participant: event.participant } };
    default:
      return { ...head, event: { type: 'other', name: event.type } };
  }
}

/** What explains who and what is in the room. */
function tell(stories: Stories, seq: number, { at, edge: decider, event }: LogRecord): void {
  const of = (id: string, text: string): void =>
    stories.noteOf(id, `${text} (log ${seq}, by ${decider})`, at);
  switch (event.type) {
    case 'participant-joined':
      stories.is(event.participant.id, event.participant.user);
      of(event.participant.id, `is ${event.participant.id} from now on, at ${event.participant.edge}`);
      return;
    case 'participant-attached':
      of(event.participant, `is held by ${event.edge}`);
      return;
    case 'participant-left':
      of(event.participant, `has left${event.dropped === undefined ? '' : `: ${event.dropped}`}`);
      return;
    case 'publication-requested':
      of(event.stream, `is asked for by ${event.owner}`);
      return;
    case 'publication-ready':
      of(event.stream, 'is ready');
      return;
    case 'publication-ended':
      of(event.stream, `has ended: ${event.reason ?? 'as asked'}`);
      return;
    case 'transport-placed':
      of(event.transport, `is placed on ${event.worker}`);
      return;
    case 'transport-closed':
      of(event.transport, `is closed: ${event.reason ?? 'as asked'}`);
      return;
    default:
  }
}
