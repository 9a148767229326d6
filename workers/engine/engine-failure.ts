// Owns the error of a pipeline whose engine broke or did not begin: another engine may do the same work.
import type { EngineId } from './engine.ts';

export class EngineFailure extends Error {
  override readonly name = 'EngineFailure';

  constructor(engine: EngineId, reason: string) {
    super(`the engine ${engine} failed: ${reason}`);
  }
}
