// Owns a queue whose both ends are cheap, however long it is.

const compactFrom = 1024;

export class Fifo<T> {
  #items: (T | undefined)[] = [];
  #head = 0;

  get size(): number {
    return this.#items.length - this.#head;
  }

  get first(): T | undefined {
    return this.#items[this.#head];
  }

  push(item: T): void {
    this.#items.push(item);
  }

  shift(): T | undefined {
    const item = this.first;
    if (this.size === 0) return undefined;
    this.#items[this.#head] = undefined;
    this.#head += 1;
    if (this.#head >= compactFrom && this.#head * 2 >= this.#items.length) {
      this.#items = this.#items.slice(this.#head);
      this.#head = 0;
    }
    return item;
  }

  /** Takes out all of them, in order. */
  drain(): T[] {
    const rest = this.#items.slice(this.#head).flatMap((item) => (item === undefined ? [] : [item]));
    this.#items = [];
    this.#head = 0;
    return rest;
  }
}
