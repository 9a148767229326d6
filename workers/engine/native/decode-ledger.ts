// Owns whose stream an engine thread is decoding: which of the commands that were posted, in order, are units of which
// decoder. The thread tells only how many commands it has done.
import type { VideoDecoder } from '../engine.ts';

/** More than a queue holds. */
const mostKept = 1024;

export class DecodeLedger {
  #posted = 0;
  #units: { readonly at: number; readonly decoder: VideoDecoder }[] = [];

  /** A command was taken; `decoder`: it is a unit of this one. */
  posted(decoder?: VideoDecoder): void {
    if (decoder !== undefined) this.#units.push({ at: this.#posted, decoder });
    this.#posted++;
    if (this.#units.length > mostKept) this.#units = this.#units.slice(-mostKept / 2);
  }

  /** The decoder whose unit comes after so many commands; undefined when that command is another. */
  underWay(done: number): VideoDecoder | undefined {
    return this.#units.find(({ at }) => at === done)?.decoder;
  }
}
