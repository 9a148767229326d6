// Owns room logs in Redis: keys, scripts and publications (research room-log, "Script contract"). Everything of a room lies
// in one slot. An append is one entry of a stream and one publication, whatever number of events it has.
import { decode, Encoder } from '@msgpack/msgpack';
import { SluiceError } from '../../../schemas/error.ts';
import type { Log, Random } from '../../clock.ts';
import { defaultSettleMs, type LogEntry, type LogPosition, type RoomLog } from '../../store/room-log.ts';
import type { RedisConnection, Reply } from './connection.ts';
import { bytesOf, listOf, numberOf, textOf } from './reply.ts';
import appendLua from './room-log-append.lua';
import openLua from './room-log-open.lua';
import readLua from './room-log-read.lua';
import removeLua from './room-log-remove.lua';
import restoreLua from './room-log-restore.lua';
import snapshotLua from './room-log-snapshot.lua';
import { script } from './script.ts';

const scripts = {
  append: script(appendLua),
  open: script(openLua),
  read: script(readLua),
  remove: script(removeLua),
  restore: script(restoreLua),
  snapshot: script(snapshotLua),
};
/** Kept, with the buffer that it has grown. */
const encoder = new Encoder();
const maxBatch = 1000;
/** Of one room, without a snapshot that lets them go: far beyond what a working room reaches. */
const maxKept = 100_000;
const repeatable = { repeatable: true };

/** Room logs below `prefix`, which has no braces. */
export function createRedisRoomLog(options: {
  connection: RedisConnection;
  prefix: string;
  random: Random;
  log: Log;
  /** See `RoomLog.restore`. */
  settleMs?: number | undefined;
}): RoomLog {
  const { connection, prefix, random, log, settleMs = defaultSettleMs } = options;
  const { publishCommand, subscriptions } = connection;
  const keysOf = (room: string) => [`${prefix}{${room}}:head`, `${prefix}{${room}}:log`];
  const closedOf = (room: string) => `${prefix}{${room}}:closed`;
  const channelOf = (room: string) => `${prefix}{${room}}:appended`;
  const freshEpoch = () => Array.from(random.bytes(8), (byte) => byte.toString(16).padStart(2, '0')).join('');

  return {
    async open(room) {
      // Twice is as good as once: the second finds what the first began.
      const reply = await connection.run(scripts.open, keysOf(room), [freshEpoch(), settleMs], repeatable);
      const [epoch, seq, first, before, snapshotSeq, snapshot, entries] = listOf(reply);
      const snapshotAt = textOf(snapshotSeq);
      const after = Math.max(Number(snapshotAt), numberOf(first) - 1);
      return {
        epoch: textOf(epoch),
        seq: numberOf(seq),
        before: readBefore(textOf(before)),
        entries: readEntries(entries, after),
        ...(snapshotAt !== '' && { snapshot: { seq: Number(snapshotAt), bytes: bytesOf(snapshot) } }),
      };
    },

    async append(room, { epoch, seq }, entries) {
      if (entries.length < 1 || entries.length > maxBatch) {
        throw new SluiceError('internal', `An append has 1 to ${maxBatch} entries`);
      }
      const args = [
        epoch,
        seq,
        entries.length,
        encoder.encode(entries),
        publishCommand,
        channelOf(room),
        maxKept,
        settleMs,
      ];
      const [outcome, last, first, missing] = listOf(
        await connection.run(scripts.append, keysOf(room), args),
      );
      switch (outcome) {
        case 1:
          return { ok: true, seq: numberOf(last) };
        case 0:
          return {
            ok: false,
            epoch,
            seq: numberOf(last),
            entries: readEntries(missing, Math.max(seq, numberOf(first) - 1)),
          };
        case -1:
          return { ok: false, epoch: '', seq: 0, entries: [] };
        case -3:
          return { ok: false, epoch, seq: numberOf(last), entries: [], settlesInMs: numberOf(first) };
        default:
          throw new SluiceError('unavailable', 'The room log is full');
      }
    },

    async read(room, afterSeq, limit) {
      const reply = await connection.run(scripts.read, keysOf(room), [afterSeq, limit], repeatable);
      const [epoch, seq, first, entries] = listOf(reply);
      return {
        epoch: textOf(epoch),
        seq: numberOf(seq),
        entries: readEntries(entries, Math.max(afterSeq, numberOf(first) - 1)).slice(0, limit),
        trimmed: afterSeq + 1 < numberOf(first),
      };
    },

    async snapshot(room, { epoch, seq }, bytes, keepFromSeq) {
      await connection.run(scripts.snapshot, keysOf(room), [epoch, seq, bytes, keepFromSeq], repeatable);
    },

    subscribe(room, handler) {
      return subscriptions.listen(channelOf(room), {
        message(bytes) {
          const appended = readPublication(bytes);
          if (appended) handler(appended.entries, appended.epoch);
          else log.error('room log: a publication could not be read', { room });
        },
        restored: () => handler([], ''),
      });
    },

    async remove(room, at) {
      const keys = [...keysOf(room), closedOf(room)];
      await connection.run(scripts.remove, keys, at ? [at.epoch, at.seq] : [], repeatable);
    },

    async restore(room, { epoch, seq }, bytes, latest) {
      const keys = [...keysOf(room), closedOf(room)];
      const known = [epoch, seq, bytes, latest.length, encoder.encode(latest)];
      const args = [freshEpoch(), ...known, settleMs, publishCommand, channelOf(room)];
      // Twice is as good as once: then it is there.
      return (await connection.run(scripts.restore, keys, args, repeatable)) === 1;
    },
  };
}

/** The events after `afterSeq` in entries of the stream: `[["<last seq>-0", ["e", events]], …]`. */
function readEntries(reply: Reply | undefined, afterSeq: number): LogEntry[] {
  return listOf(reply).flatMap((each) => {
    const [id, fields] = listOf(each);
    const events = readEvents(bytesOf(listOf(fields)[1]));
    if (!events) throw new SluiceError('unavailable', 'The room log is damaged');
    const first = Number.parseInt(textOf(id), 10) - events.length + 1;
    return number(events, first).filter(({ seq }) => seq > afterSeq);
  });
}

/** `<epoch> <first seq> <events>` */
function readPublication(bytes: Uint8Array): { epoch: string; entries: LogEntry[] } | undefined {
  const space = 0x20;
  const first = bytes.indexOf(space);
  const second = bytes.indexOf(space, first + 1);
  const events = first < 0 || second < 0 ? undefined : readEvents(bytes.subarray(second + 1));
  if (!events) return undefined;
  const [epoch = '', seq] = new TextDecoder().decode(bytes.subarray(0, second)).split(' ');
  return { epoch, entries: number(events, Number(seq)) };
}

function readEvents(bytes: Uint8Array): Uint8Array[] | undefined {
  try {
    const events = decode(bytes);
    if (!Array.isArray(events)) return undefined;
    const whole = events.filter((event) => event instanceof Uint8Array);
    return whole.length === events.length ? whole : undefined;
  } catch {
    return undefined;
  }
}

function number(events: readonly Uint8Array[], first: number): LogEntry[] {
  return events.map((bytes, index) => ({ seq: first + index, bytes }));
}

/** A line "epoch seq" for each. */
function readBefore(text: string): LogPosition[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [epoch = '', seq] = line.split(' ');
      return { epoch, seq: Number(seq) };
    });
}
