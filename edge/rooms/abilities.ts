// Owns how rooms hear of what the cluster's workers can do.
import type { MediaEngineOrder } from '../../schemas/media-engine.ts';
import type { Transcoders } from './transcoders.ts';

export interface Abilities {
  /** Of workers with one of these engines; absent: any. */
  readonly of: (engines: MediaEngineOrder | undefined) => Transcoders;
  /** Whether every worker that lives is known: what is missing is gone. */
  readonly whole: boolean;
}
