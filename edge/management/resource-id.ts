// Owns the alphabet of ids in paths (spec rest-api §5).
import type { Context } from 'hono';
import { SluiceError } from '../../schemas/error.ts';

/** The id named in the path. Throws SluiceError `operation-failed` when no such id can exist. */
export function pathId(c: Context): string {
  const id = c.req.param('id') ?? '';
  if (!/^[0-9A-Za-z_-]{1,256}$/.test(id)) throw new SluiceError('operation-failed', 'Operation failed');
  return id;
}
