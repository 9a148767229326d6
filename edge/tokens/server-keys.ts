// Owns how an edge knows the server's own keys of one kind without asking for them at every use: how long a ring may be
// believed, what a strange key id may cost, when a key is too old. Where keys are kept is the directory's business.
import type { Clock, Random } from '../clock.ts';
import type { Directory } from '../store/directory.ts';
import type { Key, KeyRing } from '../store/key-ring.ts';
import { clockToleranceMs, keyKinds, type KeyKind } from './key-kind.ts';
import { toHex } from './text-codec.ts';

/** As the original portals did: a key replaced elsewhere is known here after this time. */
const believeMs = 6_000;
/** An id that is not in the ring is asked for, but not more often, whoever makes ids up. */
const askAgainMs = 1_000;
/** A new key is used when every edge has heard of it, even with a clock that is off. */
const settleMs = believeMs + clockToleranceMs;

export interface ServerKeys {
  /** The key to sign with now: the current one, or for its first seconds the one before it. */
  signing(): Promise<Key>;
  /** The current or a previous key that is still valid; undefined when there is none of that id. */
  find(id: string): Promise<Key | undefined>;
  /** All keys that are valid now, the current one first. */
  valid(): Promise<readonly Key[]>;
}

export interface ServerKeysDeps {
  readonly directory: Directory;
  readonly clock: Clock;
  readonly random: Random;
  /** A key older than this is replaced when something is to be signed; 30 days by default, `Infinity`: never. */
  readonly maxKeyAgeMs?: number;
}

export const defaultMaxKeyAgeMs = 30 * 86_400_000;

/** Each method rejects only when the directory was never reached; afterwards a ring once known is used on. */
export function createServerKeys(deps: ServerKeysDeps, kind: KeyKind): ServerKeys {
  const { directory, clock, random, maxKeyAgeMs = defaultMaxKeyAgeMs } = deps;
  const { name, secretBytes, keepMs } = keyKinds[kind];
  const generate = () => toHex(random.bytes(secretBytes));
  let known: { readonly ring: KeyRing; readonly at: number } | undefined;
  let asking: Promise<KeyRing> | undefined;

  function ask(): Promise<KeyRing> {
    asking ??= refreshed().finally(() => {
      asking = undefined;
    });
    return asking;
  }
  async function refreshed(): Promise<KeyRing> {
    const at = clock.now();
    try {
      const ring = await directory.keys(name, generate);
      known = { ring, at };
      return ring;
    } catch (error) {
      if (known === undefined) throw error;
      // The store is away: tokens go on with the keys we know.
      known = { ring: known.ring, at };
      return known.ring;
    }
  }
  async function ring(withinMs: number): Promise<KeyRing> {
    return known !== undefined && clock.now() - known.at < withinMs ? known.ring : ask();
  }
  /** The keys with a new current one; the old ones while the store is away. */
  async function replaced(old: KeyRing): Promise<KeyRing> {
    const at = clock.now();
    try {
      const ring = await directory.rotate(name, generate, keepMs, old.current.id);
      known = { ring, at };
      return ring;
    } catch {
      return old;
    }
  }
  function validOf({ current, previous }: KeyRing): readonly Key[] {
    const now = clock.now();
    return [current, ...previous.filter(({ until = Infinity }) => until > now)];
  }

  return {
    async signing() {
      const now = clock.now();
      const believed = await ring(believeMs);
      const isTooOld = now - believed.current.since > maxKeyAgeMs;
      const keys = validOf(isTooOld ? await replaced(believed) : believed);
      const settled = keys.find(({ since }) => since <= now - settleMs);
      return settled ?? keys.at(-1) ?? believed.current;
    },
    async find(id) {
      const withId = (keys: KeyRing) => validOf(keys).find((key) => key.id === id);
      return withId(await ring(believeMs)) ?? withId(await ring(askAgainMs));
    },
    valid: async () => validOf(await ring(believeMs)),
  };
}

/** Replaces the current key now; what was made with it stays good for its lifetime. The keys as they are then. */
export function rotateServerKey(
  { directory, random }: Pick<ServerKeysDeps, 'directory' | 'random'>,
  kind: KeyKind,
): Promise<KeyRing> {
  const { name, secretBytes, keepMs } = keyKinds[kind];
  return directory.rotate(name, () => toHex(random.bytes(secretBytes)), keepMs);
}
