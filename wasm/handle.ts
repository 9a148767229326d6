// Owns one C object's life: made once, used until closed, freed once.

export class Handle {
  readonly #name: string;
  readonly #destroy: (pointer: number) => void;
  #pointer: number;

  /** Takes ownership of what `pointer` points to. Throws when it is null, that is, when the object could not be made. */
  constructor(name: string, pointer: number, destroy: (pointer: number) => void) {
    if (pointer === 0) throw new Error(`${name} could not be made: refused by the codec, or out of memory`);
    this.#name = name;
    this.#pointer = pointer;
    this.#destroy = destroy;
  }

  /** Throws once closed. */
  get pointer(): number {
    if (this.#pointer === 0) throw new Error(`${this.#name} is closed`);
    return this.#pointer;
  }

  /** Frees the object; later calls do nothing. */
  close(): void {
    const pointer = this.#pointer;
    this.#pointer = 0;
    if (pointer !== 0) this.#destroy(pointer);
  }
}
