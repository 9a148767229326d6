// Owns the shape of what the server owes a client that does not count what it gets, wherever that client comes back.
import type { Mail } from '../../schemas/hand-over.ts';
import type { Notice } from '../../schemas/notice.ts';
import type { Position } from './position.ts';

export interface Owed {
  /** Notices from before `position`, in order, that the client may not have had. */
  readonly backlog: readonly Notice[];
  /** The room's history after it is owed too. */
  readonly position: Position;
  /** Of a client that counts: from where on the backlog is. */
  readonly after?: Position;
  readonly mail?: Mail;
}

/** What a gateway keeps for a client between its connections. */
export interface Keepsake {
  owed(): Owed;
}
