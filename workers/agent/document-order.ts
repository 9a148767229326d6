// Owns which of a room's documents is the newest, whoever sent it and in whatever order they arrive: first by the fencing
// token of the conductor's lease (architecture §4), then by version. A room that is over is remembered, so that what comes
// late does not bring it back.
import type { DesiredRoom } from '../../schemas/worker.ts';

/** What of a document says how new it is. */
export type DocumentAge = Pick<DesiredRoom, 'fence' | 'version'>;

/** Whether a document is to be ignored where `held` is. */
export function isOlder(document: DocumentAge, held: DocumentAge): boolean {
  const [fence, heldFence] = [document.fence ?? 0, held.fence ?? 0];
  return fence === heldFence ? document.version < held.version : fence < heldFence;
}

const maxRooms = 10_000;

export class DocumentOrder {
  readonly #newest = new Map<string, DocumentAge>();

  /** `superseded`: its sender conducts the room no more. Only what is `new` is remembered. */
  judge({ room, fence = 0, version }: Pick<DesiredRoom, 'room' | 'fence' | 'version'>) {
    const held = this.#newest.get(room);
    if (held !== undefined && isOlder({ fence, version }, held)) {
      return fence < (held.fence ?? 0) ? 'superseded' : 'old';
    }
    this.#newest.delete(room);
    this.#newest.set(room, { fence, version });
    if (this.#newest.size > maxRooms) {
      const [oldest = ''] = this.#newest.keys();
      this.#newest.delete(oldest);
    }
    return 'new';
  }
}
