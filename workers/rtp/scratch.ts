// Owns the one buffer outgoing packets are written to, and its views, so that sending allocates nothing.

export class Scratch<Bytes extends Uint8Array = Uint8Array> {
  readonly bytes: Bytes;
  readonly #views: (Bytes | undefined)[];
  readonly #cut: (bytes: Bytes, length: number) => Bytes;

  /** `cut` makes a view of the first `length` bytes (given so that a Buffer stays a Buffer). */
  constructor(bytes: Bytes, cut: (bytes: Bytes, length: number) => Bytes) {
    this.bytes = bytes;
    this.#cut = cut;
    this.#views = Array.from({ length: bytes.length + 1 }, () => undefined);
  }

  /** The first `length` bytes; the same view every time. */
  view(length: number): Bytes {
    let view = this.#views[length];
    if (view === undefined) {
      view = this.#cut(this.bytes, length);
      this.#views[length] = view;
    }
    return view;
  }
}
