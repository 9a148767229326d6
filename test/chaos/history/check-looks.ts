// Owns the rule of presence: when things are quiet again, everybody sees in the room who is there and nobody else.
import type { History, Violation } from './history.ts';

/** Judges one room's part of a history. */
export function checkLooks(room: string, { looks, truths }: History): Violation[] {
  const truth = truths.findLast((each) => each.room === room);
  if (truth === undefined) return [];
  return looks
    .filter((look) => look.room === room)
    .flatMap(({ by, participants, streams }) => [
      ...differences(room, by, 'participant', participants, truth.participants),
      ...differences(room, by, 'stream', streams, truth.streams),
    ]);
}

function differences(
  room: string,
  by: string,
  kind: string,
  seen: readonly string[],
  real: readonly string[],
): Violation[] {
  const piece = [`${by} sees ${seen.toSorted().join(' ')}`, `there are ${real.toSorted().join(' ')}`];
  const ghosts = seen.filter((id) => !real.includes(id));
  const missing = real.filter((id) => !seen.includes(id));
  return [
    ...ghosts.map((id) => ({ rule: 'ghost' as const, room, what: `${by} sees ${kind} ${id}`, piece })),
    ...missing.map((id) => ({ rule: 'missing' as const, room, what: `${by} misses ${kind} ${id}`, piece })),
  ];
}
