// Owns the list of what is fuzzed. A target is one file beside this one; add it here.
import type { FuzzTarget } from './target.ts';

export const targets: readonly FuzzTarget[] = [];
