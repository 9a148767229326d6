// Owns what the session core needs of a connection. The gateways implement it, each in its wire form.
import type { PortalAddress } from '../tokens/portal-address.ts';
import type { Delivery } from './delivery.ts';

/**
 * Why the server ends a connection: the client asked to leave; its participation was ended by the server; another
 * connection took over; it never joined; it does not read; the room's history began anew, so it must come back; it is to
 * go on at another edge; this edge stops.
 */
export type EndReason =
  'left' | 'dropped' | 'replaced' | 'idle' | 'too-slow' | 'resync' | 'moved' | 'shutdown';

/** Whose protocol it is, in figures. */
export type Protocol = 'owt' | 'sluice';

export interface Link {
  /** True when the client may come back to another edge after this one stopped; otherwise its participation ends. */
  readonly resumesElsewhere: boolean;
  /** True when the client comes back by itself, with its ticket, after its connection was ended as `moved`. */
  readonly movable: boolean;
  readonly protocol: Protocol;
  /** Sends the notices of one tick. The same object is given to every link that gets the same notices. */
  deliver(delivery: Delivery): void;
  /** As `Line.settled`: nothing is delivered meanwhile, and `end` follows. */
  settled(): Promise<void>;
  /**
   * Tells the client as its protocol does and closes; after `left` the client may close by itself. `to` is where a moved
   * one may go on, if its protocol can say so.
   */
  end(reason: EndReason, to?: PortalAddress): void;
}
