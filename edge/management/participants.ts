// Owns the participants of a room in REST (spec rest-api §7).
import { Hono } from 'hono';
import * as v from 'valibot';
import { SluiceError } from '../../schemas/error.ts';
import { participantPatchSchema } from '../../schemas/management.ts';
import type { ParticipantResource } from '../../schemas/stream.ts';
import type { LiveRoom } from '../rooms/live-room.ts';
import type { Participant } from '../rooms/state.ts';
import { internalParticipant } from '../rooms/stream-info.ts';
import type { ResourceDeps, ResourceEnv } from './resource-env.ts';
import { pathId } from './resource-id.ts';
import { execute } from './room-session.ts';

/** Routes relative to `/rooms`. */
export function participantRoutes({ rooms }: ResourceDeps): Hono<ResourceEnv> {
  const app = new Hono<ResourceEnv>();

  /** The live room and one of its participants. Throws SluiceError `participant-not-found`. */
  async function found(room: string, id: string): Promise<{ room: LiveRoom; participant: Participant }> {
    const live = await rooms.reach(room);
    const participant = live?.state.participants.get(id);
    if (live === undefined || participant === undefined || id === internalParticipant)
      throw new SluiceError('participant-not-found', 'Participant not found');
    return { room: live, participant };
  }

  app.get('/:room/participants', async (c) => {
    const live = await rooms.reach(c.get('room')._id);
    const participants = live?.state.participants.values() ?? [];
    return c.json([...participants].filter(({ id }) => id !== internalParticipant).map(resource));
  });

  app.get('/:room/participants/:id', async (c) =>
    c.json(resource((await found(c.get('room')._id, pathId(c))).participant)),
  );

  app.patch('/:room/participants/:id', async (c) => {
    const id = pathId(c);
    const patch = v.safeParse(participantPatchSchema, c.get('body'));
    if (!patch.success) throw new SluiceError('bad-request', `Invalid update: ${patch.issues[0].message}`);
    const { room } = await found(c.get('room')._id, id);
    await execute(room, { type: 'patch-participant', participant: id, patch: patch.output });
    return c.json(resource((await found(c.get('room')._id, id)).participant));
  });

  app.delete('/:room/participants/:id', async (c) => {
    const id = pathId(c);
    const { room } = await found(c.get('room')._id, id);
    await execute(room, { type: 'drop', participant: id, reason: 'Dropped by the management interface' });
    return c.body('');
  });

  return app;
}

function resource({ id, user, role, permission }: Participant): ParticipantResource {
  return { id, user, role, permission };
}
