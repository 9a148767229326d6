// Owns, per transport, the log entry from which on a worker's document holds everything that was asked of the transport.
// Every replica counts the same, so any edge can tell a worker which document to wait for before it answers an offer.
import type { RoomEvent } from './event.ts';
import type { RoomState } from './state.ts';

export class DocumentNeeds {
  readonly #seqs = new Map<string, number>();

  /** Takes note of entry `seq`, folded into `state`. */
  note(event: RoomEvent, seq: number, state: RoomState): void {
    switch (event.type) {
      case 'transport-placed':
      case 'publication-requested':
      case 'subscription-requested':
        if (state.transports.has(event.transport)) this.#seqs.set(event.transport, seq);
        return;
      default:
        // Transports end with what they belong to, and work with its session: whatever event it was.
        if (this.#seqs.size <= state.transports.size) return;
        for (const transport of this.#seqs.keys()) {
          if (!state.transports.has(transport)) this.#seqs.delete(transport);
        }
    }
  }

  /** The least version of the document; 0 when nothing is known against any. */
  of(transport: string): number {
    return this.#seqs.get(transport) ?? 0;
  }
}
