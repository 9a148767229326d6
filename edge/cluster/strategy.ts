// Owns the five ways of choosing among workers that fit (spec cluster §4). Pure: chance and the memory of what was chosen
// before come in as arguments.

export const strategies = ['last-used', 'least-used', 'most-used', 'round-robin', 'randomly-pick'] as const;
export type Strategy = (typeof strategies)[number];

export interface Candidate {
  readonly worker: string;
  /** 0..1 */
  readonly load: number;
}

/**
 * One of the candidates, which stand in the order of joining; undefined when there is none. `last` is the worker chosen
 * before, `chance` a number in [0, 1).
 */
export function choose<C extends Candidate>(
  strategy: Strategy,
  candidates: readonly C[],
  last: string | undefined,
  chance: number,
): C | undefined {
  switch (strategy) {
    case 'last-used':
      return candidates.find(({ worker }) => worker === last) ?? candidates[0];
    case 'least-used':
      return best(candidates, (one, other) => one.load < other.load);
    case 'most-used':
      return best(candidates, (one, other) => one.load >= other.load);
    case 'round-robin':
      return candidates[(candidates.findIndex(({ worker }) => worker === last) + 1) % candidates.length];
    case 'randomly-pick':
      return candidates[Math.floor(chance * candidates.length)];
  }
}

function best<C>(candidates: readonly C[], better: (one: C, other: C) => boolean): C | undefined {
  let found: C | undefined;
  for (const candidate of candidates) {
    if (found === undefined || better(candidate, found)) found = candidate;
  }
  return found;
}
