// Owns the two shapes of a decision, and the open room every rule but that of opening may count on.
import type { ErrorCode } from '../../schemas/error.ts';
import type { RoomDocument } from '../../schemas/room.ts';
import type { Decision } from './command.ts';
import type { RoomEvent } from './event.ts';
import type { RoomState } from './state.ts';

export type OpenRoom = RoomState & { readonly document: RoomDocument };

export type Refused = Extract<Decision, { ok: false }>;

/** Without events: it was already true. */
export function accept(...events: readonly RoomEvent[]): Decision {
  return { ok: true, events };
}

export function refuse(code: ErrorCode, message: string): Refused {
  return { ok: false, refusal: { code, message } };
}
