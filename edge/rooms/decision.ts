// Owns the two shapes of a decision.
import type { ErrorCode } from '../../schemas/error.ts';
import type { Decision } from './command.ts';
import type { RoomEvent } from './event.ts';

/** Without events: it was already true. */
export function accept(...events: readonly RoomEvent[]): Decision {
  return { ok: true, events };
}

export function refuse(code: ErrorCode, message: string): Decision {
  return { ok: false, refusal: { code, message } };
}
