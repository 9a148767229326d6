// Owns the judgement of a history: the rules, room by room.
import { checkLog } from './check-log.ts';
import { checkLooks } from './check-looks.ts';
import { checkOwners } from './check-owners.ts';
import { checkTexts } from './check-texts.ts';
import type { History, Violation } from './history.ts';

/** What a history shows that must not be; empty when all is well. Pure. */
export function check(history: History): Violation[] {
  const rooms = new Set(
    [
      history.said,
      history.lives,
      history.logged,
      history.looks,
      history.truths,
      history.documents,
      history.leases,
    ].flatMap((part) => part.map(({ room }) => room)),
  );
  return [...rooms].flatMap((room) => [
    ...checkTexts(room, history),
    ...checkLog(room, history),
    ...checkLooks(room, history),
    ...checkOwners(room, history),
  ]);
}
