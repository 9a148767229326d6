// Owns the server's keys in Redis: rings as MessagePack in one hash, changed by comparing.
import { decode, encode } from '@msgpack/msgpack';
import * as v from 'valibot';
import { SluiceError } from '../../../schemas/error.ts';
import type { Clock, Random } from '../../clock.ts';
import type { Directory } from '../../store/directory.ts';
import { maxPreviousKeys, type Key, type KeyRing } from '../../store/key-ring.ts';
import type { RedisConnection } from './connection.ts';
import { replaceField } from './replace-field.ts';

const keySchema = v.object({
  id: v.string(),
  secret: v.string(),
  since: v.number(),
  until: v.exactOptional(v.number()),
});
const ringSchema = v.object({ current: keySchema, previous: v.array(keySchema) });

/** The part of a directory that keeps keys, in the hash `key`. */
export function createKeyRings(options: {
  connection: RedisConnection;
  key: string;
  clock: Clock;
  random: Random;
}): Pick<Directory, 'keys' | 'rotate'> {
  const { connection, key, clock, random } = options;

  function freshKey(secret: string, others: readonly Key[]): Key {
    const id = Array.from(random.bytes(4), (byte) => byte.toString(16).padStart(2, '0')).join('');
    if (others.some((other) => other.id === id)) return freshKey(secret, others);
    return { id, secret, since: clock.now() };
  }

  function lasting({ current, previous }: KeyRing): KeyRing {
    const now = clock.now();
    return { current, previous: previous.filter(({ until = Infinity }) => until > now) };
  }

  /** The ring as it is after `change`, which leaves it by returning what it got. */
  async function changed(name: string, change: (ring: KeyRing | undefined) => KeyRing): Promise<KeyRing> {
    let outcome: KeyRing | undefined;
    await replaceField(connection, key, name, (bytes) => {
      const present = bytes && lasting(read(bytes));
      outcome = change(present);
      return outcome === present ? undefined : encode(outcome);
    });
    if (!outcome) throw new SluiceError('internal', 'Internal error');
    return outcome;
  }

  return {
    keys: (name, generate) =>
      changed(name, (ring) => ring ?? { current: freshKey(generate(), []), previous: [] }),
    rotate: (name, generate, keepMs, replacing) =>
      changed(name, (ring) => {
        if (!ring) return { current: freshKey(generate(), []), previous: [] };
        const { current, previous } = ring;
        if (replacing !== undefined && replacing !== current.id) return ring;
        if (previous.length >= maxPreviousKeys) {
          throw new SluiceError('operation-failed', 'Too many previous keys are still valid');
        }
        const replaced = keepMs === Infinity ? current : { ...current, until: clock.now() + keepMs };
        const kept = [replaced, ...previous];
        return { current: freshKey(generate(), kept), previous: kept };
      }),
  };
}

function read(bytes: Uint8Array): KeyRing {
  try {
    return v.parse(ringSchema, decode(bytes));
  } catch {
    // The cause may hold a secret.
    throw new SluiceError('internal', 'The keys in the directory are damaged');
  }
}
