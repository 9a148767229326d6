// Owns what the session core needs of a connection. The gateways implement it, each in its wire form.
import type { Delivery } from './delivery.ts';

/**
 * Why the server ends a connection: the client asked to leave; its participation was ended by the server; another
 * connection took over; it never joined; it does not read; the room's history began anew, so it must come back; this
 * edge stops.
 */
export type EndReason = 'left' | 'dropped' | 'replaced' | 'idle' | 'too-slow' | 'resync' | 'shutdown';

export interface Link {
  /** True when the client may come back to another edge after this one stopped; otherwise its participation ends. */
  readonly resumesElsewhere: boolean;
  /** Sends the notices of one tick. The same object is given to every link that gets the same notices. */
  deliver(delivery: Delivery): void;
  /** As `Line.settled`: nothing is delivered meanwhile, and `end` follows. */
  settled(): Promise<void>;
  /** Tells the client as its protocol does and closes; after `left` the client may close by itself. */
  end(reason: EndReason): void;
}
