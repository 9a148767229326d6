// Owns who may have a join token for a room (spec rest-api §6.1). The token itself is made in edge/tokens.
import { Hono } from 'hono';
import * as v from 'valibot';
import { SluiceError } from '../../schemas/error.ts';
import { createTokenSchema } from '../../schemas/management.ts';
import type { Caller, ResourceDeps, ResourceEnv } from './resource-env.ts';
import type { RoomDocument } from '../../schemas/room.ts';
import { type PortalAddress, requestAddress } from '../tokens/portal-address.ts';

/** Shown to every other participant, so not of any length. */
const maxUserChars = 1024;

/**
 * A token for `room` from a body `{user, role, preference?}`; user and role of the credentials come first. `requested` is
 * the address by which the request came. Throws SluiceError `bad-request`, and `operation-failed` when no portal serves
 * the preference.
 */
export async function issueToken(
  { tokens, portalFor }: Pick<ResourceDeps, 'tokens' | 'portalFor'>,
  caller: Caller,
  room: RoomDocument,
  body: unknown,
  requested: PortalAddress,
): Promise<string> {
  const asked = v.safeParse(createTokenSchema, body);
  if (!asked.success) throw new SluiceError('bad-request', 'Name or role not valid');
  const { preference = {} } = asked.output;
  const user = caller.user ?? asked.output.user ?? '';
  const role = caller.role ?? asked.output.role ?? '';
  const known = room.roles.some((candidate) => candidate.role === role);
  if (user === '' || user.length > maxUserChars || !known)
    throw new SluiceError('bad-request', 'Name or role not valid');
  const origin = { isp: preference.isp ?? 'isp', region: preference.region ?? 'region' };
  const request = { user, role, room: room._id, service: caller.service._id, origin };
  return tokens.issue({ ...request, address: await portalFor(origin, requested) });
}

/** Routes relative to `/rooms`. */
export function tokenRoutes(deps: ResourceDeps): Hono<ResourceEnv> {
  const app = new Hono<ResourceEnv>();
  app.post('/:room/tokens', async (c) => {
    const asked = requestAddress(c.req.url);
    return c.text(await issueToken(deps, c.get('caller'), c.get('room'), c.get('body'), asked));
  });
  return app;
}
