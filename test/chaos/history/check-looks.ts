// Owns the rule of presence: when things are quiet again, everybody sees in the room who is there and nobody else.
import type { History, Look, Violation } from './history.ts';

const mostLooks = 4;

/** Judges one room's part of a history: a violation for each participant or stream, whoever sees it or misses it. */
export function checkLooks(room: string, { looks, truths, story }: History): Violation[] {
  const truth = truths.findLast((each) => each.room === room);
  if (truth === undefined) return [];
  const here = looks.filter((look) => look.room === room);
  return (['participant', 'stream'] as const).flatMap((kind) => {
    const real = truth[`${kind}s`];
    const seenBy = (id: string): Look[] => here.filter((look) => look[`${kind}s`].includes(id));
    const piece = (id: string, wrong: readonly Look[]): string[] => [
      ...(story?.(id) ?? []),
      ...wrong.slice(0, mostLooks).map((look) => shown(look, look[`${kind}s`])),
      `there are ${real.toSorted().join(' ')}`,
    ];
    const ghosts = new Set(here.flatMap((look) => look[`${kind}s`]).filter((id) => !real.includes(id)));
    return [
      ...[...ghosts].map((id): Violation => {
        const by = seenBy(id);
        const what = `${kind} ${id} is seen by ${names(by, here)}`;
        return { rule: 'ghost', room, what, piece: piece(id, by) };
      }),
      ...real.flatMap((id): Violation[] => {
        const by = here.filter((look) => !look[`${kind}s`].includes(id));
        const what = `${kind} ${id} is missed by ${names(by, here)}`;
        return by.length === 0 ? [] : [{ rule: 'missing', room, what, piece: piece(id, by) }];
      }),
    ];
  });
}

function names(some: readonly Look[], all: readonly Look[]): string {
  if (some.length > 1 && some.length === all.length) return `all ${all.length}`;
  return some.map(({ by }) => by).join(', ');
}

function shown({ by, standing }: Look, ids: readonly string[]): string {
  return `${by}${standing === undefined ? '' : ` (${standing})`} sees ${ids.toSorted().join(' ')}`;
}
