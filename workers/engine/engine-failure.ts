// Owns the error of a pipeline whose engine broke or did not begin: another engine may do the same work.
import type { EngineId, EngineTrouble } from './engine.ts';

/** As what happened to an engine is told to who chooses engines. */
export interface EngineFault {
  readonly scope: EngineTrouble['scope'];
  /** The input of the mixer whose stream was being decoded. */
  readonly input?: string;
}

export class EngineFailure extends Error {
  override readonly name = 'EngineFailure';
  readonly fault: EngineFault;

  constructor(engine: EngineId, reason: string, fault: EngineFault = { scope: 'device' }) {
    super(`the engine ${engine} failed: ${reason}`);
    this.fault = fault;
  }
}
