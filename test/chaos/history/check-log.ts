// Owns the rule of commands: what a client asked once took effect once, and its entries follow each other in the log.
import type { History, Logged, Violation } from './history.ts';

/** Judges one room's part of a history. */
export function checkLog(room: string, { logged }: History): Violation[] {
  const entries = logged.filter((each) => each.room === room);
  const violations: Violation[] = [];
  const lastOf = new Map<string, { readonly cid: number; readonly seq: number }>();
  let previous = '';
  for (const entry of entries) {
    const { by, seq } = entry;
    const command = by === undefined ? '' : `${by.participant} ${by.cid}`;
    const same = command !== '' && command === previous;
    previous = command;
    if (by === undefined || same) continue;
    const before = lastOf.get(by.participant);
    lastOf.set(by.participant, { cid: by.cid, seq });
    if (before === undefined || before.cid < by.cid) continue;
    const rule = before.cid === by.cid ? 'doubled' : 'reordered';
    const what = `command ${by.cid} of ${by.participant} is in the log after its command ${before.cid}`;
    violations.push({ rule, room, what, piece: between(entries, before.seq, seq) });
  }
  for (const [index, { seq }] of entries.entries()) {
    const next = entries[index + 1];
    if (next === undefined || next.seq > seq) continue;
    const what = `log entry ${next.seq} follows entry ${seq}`;
    violations.push({ rule: 'doubled', room, what, piece: between(entries, next.seq, seq) });
  }
  return violations;
}

function between(entries: readonly Logged[], from: number, to: number): string[] {
  return entries
    .filter(({ seq }) => seq >= from && seq <= to)
    .slice(0, 20)
    .map(({ seq, by, event }) => `log ${seq}: ${by?.participant ?? 'server'} ${by?.cid ?? ''} ${event.type}`);
}
