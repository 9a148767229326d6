// Owns changing one value of a hash as a function of what it is, though others may do the same at once.
import { SluiceError } from '../../../schemas/error.ts';
import type { RedisConnection, Reply } from './connection.ts';
import replaceLua from './directory-replace.lua';
import { bytesOf } from './reply.ts';
import { script } from './script.ts';

const replaceScript = script(replaceLua);
const maxTries = 1000;
const none = new Uint8Array();

/**
 * Puts what `change` makes of the present bytes (undefined: there are none); it may be called several times, and with
 * undefined leaves everything as it is. Whether it was put. Rejects as `RedisConnection.run`.
 */
export async function replaceField(
  connection: RedisConnection,
  key: string,
  field: string,
  change: (present: Uint8Array | undefined) => Uint8Array | undefined,
): Promise<boolean> {
  let present = bytesFrom(await connection.send('HGET', [key, field], { repeatable: true }));
  for (let tries = 0; tries < maxTries; tries += 1) {
    const wanted = change(present.length > 0 ? present : undefined);
    if (!wanted) return false;
    const other = await connection.run(replaceScript, [key], [field, present, wanted]);
    if (other === null) return true;
    present = bytesFrom(other);
  }
  throw new SluiceError('unavailable', 'The store is too busy');
}

function bytesFrom(reply: Reply): Uint8Array {
  return reply === null ? none : bytesOf(reply);
}
