// Owns the comparison of a room's log with what its participants said: each text once, in the order of its participant.
import { decodeRecord } from '../../../edge/rooms/record-codec.ts';
import type { RoomLog } from '../../../edge/store/room-log.ts';
import { textOf } from './hearing.ts';

export interface LogProof {
  /** What is wrong: nothing, if all is well. */
  readonly wrong: readonly string[];
  /** Texts read back. Of a log that was trimmed these are the last ones. */
  readonly read: number;
}

const page = 1000;

/** `said` is by participant the number of its last text; the log's last `kept` entries are read. */
export async function comparedToLog(
  log: RoomLog,
  room: string,
  said: ReadonlyMap<string, number>,
  kept: number,
): Promise<LogProof> {
  const wrong: string[] = [];
  const next = new Map<string, number>();
  let read = 0;
  let { seq } = await log.read(room, 0, 1);
  let at = Math.max(0, seq - kept);
  // Of a log that was trimmed nobody knows which text of each is the first one left.
  const whole = at === 0;
  let { entries } = await log.read(room, at, page);
  while (entries.length > 0) {
    for (const entry of entries) {
      at += 1;
      if (entry.seq !== at) wrong.push(`entry ${entry.seq} instead of ${at}`);
      const event = decodeRecord(entry.bytes)?.event;
      if (event?.type !== 'text-sent') continue;
      const { from, message } = event;
      const n = next.get(from) ?? (whole ? 1 : Number(message.split(' ', 2)[1]));
      if (message !== textOf(from, n)) wrong.push(`${message} instead of number ${n}`);
      next.set(from, n + 1);
      read += 1;
    }
    ({ seq, entries } = await log.read(room, at, page));
  }
  if (at !== seq) wrong.push(`the log ends at ${seq}, its entries at ${at}`);
  for (const [participant, texts] of said) {
    const last = (next.get(participant) ?? 1) - 1;
    if (last !== texts) wrong.push(`${participant} said ${texts} texts, the log's last is ${last}`);
  }
  return { wrong: wrong.slice(0, 20), read };
}
