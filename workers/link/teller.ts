// Owns telling the other end of a link which sources come to it, over one connection: room by room, again until
// acknowledged, the newest always.
import { SluiceError } from '../../schemas/error.ts';
import type { LinkedSource, LinkSignal } from '../../schemas/link.ts';
import type { Clock } from '../clock.ts';

export interface TellerOptions {
  readonly session: string;
  readonly clock: Clock;
  readonly ask: (signal: LinkSignal) => Promise<unknown>;
  /** What a room sends at present; empty for a room that is gone. */
  readonly sources: (room: string) => LinkedSource[];
  /** The other end does not know the connection. */
  readonly unknown: () => void;
}

type Told = Extract<LinkSignal, { type: 'sources' }>['rooms'];

const roomsAtOnce = 64;
/** About as many; a room is never told in parts. */
const sourcesAtOnce = 500;
const retryMs = 200;

export class Teller {
  readonly #options: TellerOptions;
  readonly #untold = new Set<string>();
  #telling = false;
  #closed = false;

  constructor(options: TellerOptions) {
    this.#options = options;
  }

  /** The room's sources are others than before; told with the next `tell`. */
  changed(room: string): void {
    this.#untold.add(room);
  }

  /** Tells what changed, unless it is at it already. */
  tell(): void {
    if (!this.#telling && this.#untold.size > 0) void this.#run();
  }

  close(): void {
    this.#closed = true;
  }

  async #run(): Promise<void> {
    const { ask, session, clock, unknown } = this.#options;
    this.#telling = true;
    while (this.#untold.size > 0 && !this.#closed) {
      const rooms = this.#next();
      try {
        await ask({ type: 'sources', session, rooms });
      } catch (error) {
        for (const { room } of rooms) this.#untold.add(room);
        if (error instanceof SluiceError && error.code === 'not-found') unknown();
        await new Promise<void>((resolve) => {
          clock.after(retryMs, resolve);
        });
      }
    }
    this.#telling = false;
  }

  #next(): Told {
    const rooms: Told = [];
    let count = 0;
    for (const room of this.#untold) {
      if (rooms.length >= roomsAtOnce || count >= sourcesAtOnce) break;
      this.#untold.delete(room);
      const sources = this.#options.sources(room);
      count += sources.length;
      rooms.push({ room, sources });
    }
    return rooms;
  }
}
