// Owns changed copies of maps that stay cheap when the map is large: a room of a thousand changes thousands of times a
// second, and copying a whole map each time was two thirds of all work. It looks like a Map in every respect, order of
// iteration included.

/** Up to this size a plain copy is the cheapest. */
const plainSize = 64;

/** A copy of `map` with `key` set; a new key comes last. */
export function put<T>(map: ReadonlyMap<string, T>, key: string, value: T): ReadonlyMap<string, T> {
  if (map.size <= plainSize && !isLayered(map)) return new Map(map).set(key, value);
  return layered(map).with(key, value);
}

/** A copy of `map` without the keys; the map itself when it has none of them. */
export function without<T>(map: ReadonlyMap<string, T>, keys: readonly string[]): ReadonlyMap<string, T> {
  const gone = [...new Set(keys)].filter((key) => map.has(key));
  if (gone.length === 0) return map;
  const left = map.size - gone.length;
  if (left > plainSize && gone.length <= plainSize) return layered(map).without(gone);
  const rest = new Map(map);
  for (const key of gone) rest.delete(key);
  return rest;
}

function layered<T>(map: ReadonlyMap<string, T>): LayeredMap<T> {
  return isLayered(map) ? map : new LayeredMap(map, new Map(), map.size);
}

function isLayered<T>(map: ReadonlyMap<string, T>): map is LayeredMap<T> {
  return map instanceof LayeredMap;
}

/** What was done to a key since the base: `replaced` keeps its place there, `added` comes after all of the base. */
type Change<T> = { readonly done: 'removed' } | { readonly done: 'replaced' | 'added'; readonly value: T };

class LayeredMap<T> implements ReadonlyMap<string, T> {
  readonly [Symbol.toStringTag] = 'Map';
  readonly size: number;
  readonly #base: ReadonlyMap<string, T>;
  readonly #changes: ReadonlyMap<string, Change<T>>;

  constructor(base: ReadonlyMap<string, T>, changes: ReadonlyMap<string, Change<T>>, size: number) {
    this.#base = base;
    this.#changes = changes;
    this.size = size;
  }

  with(key: string, value: T): LayeredMap<T> {
    const changes = new Map(this.#changes);
    const before = changes.get(key);
    const inPlace = before ? before.done === 'replaced' : this.#base.has(key);
    // What was removed comes back as the last.
    if (before?.done === 'removed') changes.delete(key);
    changes.set(key, { done: inPlace ? 'replaced' : 'added', value });
    return this.#next(changes, this.has(key) ? this.size : this.size + 1);
  }

  /** All of the keys are in the map, each named once. */
  without(keys: readonly string[]): LayeredMap<T> {
    const changes = new Map(this.#changes);
    for (const key of keys) {
      if (this.#base.has(key)) changes.set(key, { done: 'removed' });
      else changes.delete(key);
    }
    return this.#next(changes, this.size - keys.length);
  }

  has(key: string): boolean {
    const change = this.#changes.get(key);
    return change ? change.done !== 'removed' : this.#base.has(key);
  }

  get(key: string): T | undefined {
    const change = this.#changes.get(key);
    if (!change) return this.#base.get(key);
    return change.done === 'removed' ? undefined : change.value;
  }

  *entries(): MapIterator<[string, T]> {
    for (const entry of this.#base) {
      const change = this.#changes.get(entry[0]);
      if (!change) yield entry;
      else if (change.done === 'replaced') yield [entry[0], change.value];
    }
    for (const [key, change] of this.#changes) if (change.done === 'added') yield [key, change.value];
  }

  *keys(): MapIterator<string> {
    for (const key of this.#base.keys()) if (this.#kept(key)) yield key;
    for (const [key, change] of this.#changes) if (change.done === 'added') yield key;
  }

  // Not through `entries`: rules look through all values of a room at every command.
  *values(): MapIterator<T> {
    for (const [key, value] of this.#base) {
      const change = this.#changes.get(key);
      if (!change) yield value;
      else if (change.done === 'replaced') yield change.value;
    }
    for (const change of this.#changes.values()) if (change.done === 'added') yield change.value;
  }

  [Symbol.iterator](): MapIterator<[string, T]> {
    return this.entries();
  }

  forEach(callback: (value: T, key: string, map: ReadonlyMap<string, T>) => void, thisArg?: unknown): void {
    for (const [key, value] of this.entries()) callback.call(thisArg, value, key, this);
  }

  #kept(key: string): boolean {
    const change = this.#changes.get(key);
    return !change || change.done === 'replaced';
  }

  /** Changes are copied at every step, the base only when they have grown to about the root of its size. */
  #next(changes: ReadonlyMap<string, Change<T>>, size: number): LayeredMap<T> {
    const next = new LayeredMap(this.#base, changes, size);
    if (changes.size * changes.size <= this.#base.size + plainSize * plainSize) return next;
    return new LayeredMap(new Map(next.entries()), new Map(), size);
  }
}
