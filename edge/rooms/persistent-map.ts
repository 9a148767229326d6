// Owns changed copies of maps that stay cheap when the map is large: every command of a client changes its participant, and
// copying a map of a hundred costs more than all the rest of a fold. It looks like a Map in every respect, order of
// iteration included.

/** Up to this size a plain copy is the cheapest. */
const plainSize = 4;
const chunkBits = 5;
const chunkSize = 1 << chunkBits;

/** A copy of `map` with `key` set; a new key comes last. */
export function put<T>(map: ReadonlyMap<string, T>, key: string, value: T): ReadonlyMap<string, T> {
  if (isVersioned(map)) return map.with(key, value);
  const size = map.has(key) ? map.size : map.size + 1;
  return size <= plainSize ? new Map(map).set(key, value) : compact(map).with(key, value);
}

/** A copy of `map` without the keys; the map itself when it has none of them. */
export function without<T>(map: ReadonlyMap<string, T>, keys: readonly string[]): ReadonlyMap<string, T> {
  const gone = [...new Set(keys)].filter((key) => map.has(key));
  if (gone.length === 0) return map;
  if (map.size - gone.length > plainSize) return versioned(map).without(gone);
  const rest = new Map(map);
  for (const key of gone) rest.delete(key);
  return rest;
}

/** The map of these entries, as if each had been put: maps of equal content are of the same kind. */
export function mapOf<T>(entries: readonly (readonly [string, T])[]): ReadonlyMap<string, T> {
  const map = new Map(entries);
  return map.size <= plainSize ? map : compact(map);
}

function versioned<T>(map: ReadonlyMap<string, T>): VersionedMap<T> {
  return isVersioned(map) ? map : compact(map);
}

function isVersioned<T>(map: ReadonlyMap<string, T>): map is VersionedMap<T> {
  return map instanceof VersionedMap;
}

type Entry<T> = readonly [key: string, value: T];
/** Entries at places in the order of their coming; undefined where one was removed. */
type Chunk<T> = readonly (Entry<T> | undefined)[];

function compact<T>(entries: Iterable<Entry<T>>): VersionedMap<T> {
  const places = new Map<string, number>();
  const chunks: Entry<T>[][] = [];
  for (const entry of entries) {
    const place = places.size;
    if (place % chunkSize === 0) chunks.push([]);
    chunks.at(-1)?.push(entry);
    places.set(entry[0], place);
  }
  return new VersionedMap(places, chunks, places.size, places.size);
}

class VersionedMap<T> implements ReadonlyMap<string, T> {
  readonly [Symbol.toStringTag] = 'Map';
  readonly size: number;
  /**
   * Where the entry of each key lies. It is shared with all versions that this one came from and that came from those: a
   * place means something only when the entry there, in the chunks of this version, has the key.
   */
  readonly #places: Map<string, number>;
  readonly #chunks: readonly Chunk<T>[];
  /** Places taken in this version. */
  readonly #length: number;

  constructor(places: Map<string, number>, chunks: readonly Chunk<T>[], length: number, size: number) {
    this.#places = places;
    this.#chunks = chunks;
    this.#length = length;
    this.size = size;
  }

  with(key: string, value: T): VersionedMap<T> {
    const place = this.#placeOf(key);
    if (place !== undefined) {
      return new VersionedMap(
        this.#places,
        setAt(this.#chunks, place, [key, value]),
        this.#length,
        this.size,
      );
    }
    // A key that was here before, or is in a version beside this one; or many of these.
    const taken = this.#places.has(key) || this.#places.size >= 2 * this.#length + chunkSize;
    if (taken) return compact(this).with(key, value);
    this.#places.set(key, this.#length);
    const chunks = setAt(this.#chunks, this.#length, [key, value]);
    return new VersionedMap(this.#places, chunks, this.#length + 1, this.size + 1);
  }

  /** Each key is named once. */
  without(keys: readonly string[]): VersionedMap<T> {
    let [chunks, size] = [this.#chunks, this.size];
    for (const key of keys) {
      const place = this.#placeOf(key);
      if (place === undefined) continue;
      chunks = setAt(chunks, place, undefined);
      size -= 1;
    }
    const rest = new VersionedMap(this.#places, chunks, this.#length, size);
    return size * 2 < this.#length ? compact(rest) : rest;
  }

  has(key: string): boolean {
    return this.#placeOf(key) !== undefined;
  }

  get(key: string): T | undefined {
    const place = this.#places.get(key);
    const entry = place === undefined ? undefined : this.#at(place);
    return entry?.[0] === key ? entry[1] : undefined;
  }

  *entries(): MapIterator<[string, T]> {
    for (const chunk of this.#chunks) for (const entry of chunk) if (entry) yield [entry[0], entry[1]];
  }

  *keys(): MapIterator<string> {
    for (const chunk of this.#chunks) for (const entry of chunk) if (entry) yield entry[0];
  }

  *values(): MapIterator<T> {
    for (const chunk of this.#chunks) for (const entry of chunk) if (entry) yield entry[1];
  }

  [Symbol.iterator](): MapIterator<[string, T]> {
    return this.entries();
  }

  forEach(callback: (value: T, key: string, map: ReadonlyMap<string, T>) => void, thisArg?: unknown): void {
    for (const [key, value] of this.entries()) callback.call(thisArg, value, key, this);
  }

  #placeOf(key: string): number | undefined {
    const place = this.#places.get(key);
    return place !== undefined && this.#at(place)?.[0] === key ? place : undefined;
  }

  #at(place: number): Entry<T> | undefined {
    return this.#chunks[place >> chunkBits]?.[place % chunkSize];
  }
}

/** Copies the one chunk that changes. */
function setAt<T>(
  chunks: readonly Chunk<T>[],
  place: number,
  entry: Entry<T> | undefined,
): readonly Chunk<T>[] {
  const index = place >> chunkBits;
  const chunk = chunks[index]?.slice() ?? [];
  chunk[place % chunkSize] = entry;
  const copy = chunks.slice();
  copy[index] = chunk;
  return copy;
}
