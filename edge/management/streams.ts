// Owns the streams of a room in REST: showing, muting and ending them (spec rest-api §8). Mixing into views and layouts
// answer an honest error until a mixer exists.
import { Hono } from 'hono';
import * as v from 'valibot';
import { SluiceError } from '../../schemas/error.ts';
import { streamPatchSchema } from '../../schemas/management.ts';
import type { StreamInfo } from '../../schemas/stream.ts';
import type { LiveRoom } from '../rooms/live-room.ts';
import { roomView } from '../rooms/stream-info.ts';
import type { ResourceDeps, ResourceEnv, RestVersion } from './resource-env.ts';
import { pathId } from './resource-id.ts';
import { execute } from './room-session.ts';
import { streamResource } from './stream-resource.ts';

const maxOperations = 1000;
/** Operations that only a mixer could carry out. */
const mixingSchema = v.array(
  v.object({
    op: v.picklist(['add', 'remove', 'replace']),
    path: v.pipe(v.string(), v.regex(/^\/(info|media\/(audio|video)\/status$)/)),
    value: v.unknown(),
  }),
);

/** Routes relative to `/rooms`. */
export function streamRoutes({ rooms }: ResourceDeps, version: RestVersion): Hono<ResourceEnv> {
  const app = new Hono<ResourceEnv>();

  /** The live room and one of its streams. Throws SluiceError `stream-not-found`. */
  function found(room: string, id: string): { room: LiveRoom; stream: StreamInfo } {
    const live = rooms.find(room);
    const stream = live && roomView(live.state).streams.find((candidate) => candidate.id === id);
    if (live === undefined || stream === undefined)
      throw new SluiceError('stream-not-found', 'Stream not found');
    return { room: live, stream };
  }

  app.get('/:room/streams', (c) => {
    const live = rooms.find(c.get('room')._id);
    const streams = live === undefined ? [] : roomView(live.state).streams;
    return c.json(streams.map((stream) => streamResource(stream, version)));
  });

  app.get('/:room/streams/:id', (c) =>
    c.json(streamResource(found(c.get('room')._id, pathId(c)).stream, version)),
  );

  app.patch('/:room/streams/:id', async (c) => {
    const id = pathId(c);
    const operations = parsedOperations(c.get('body'));
    const { room, stream } = found(c.get('room')._id, id);
    for (const { path, value } of operations) {
      const media = path === '/media/audio/status' ? 'audio' : 'video';
      if (stream.type === 'mixed') throw new SluiceError('operation-failed', 'Stream is Mixed');
      if (!stream.media.tracks.some(({ type }) => type === media))
        throw new SluiceError('operation-failed', 'Track does NOT exist');
      const operation = value === 'active' ? 'play' : 'pause';
      await execute(room, { type: 'set-stream-status', actor: 'server', stream: id, operation, media });
    }
    return c.json(streamResource(found(c.get('room')._id, id).stream, version));
  });

  app.on('DELETE', ['/:room/streams/:id', '/:room/streaming-ins/:id'], async (c) => {
    const { room, stream } = found(c.get('room')._id, pathId(c));
    if (stream.type === 'mixed' || stream.info.type === 'selecting')
      throw new SluiceError('operation-failed', 'A stream of the room itself cannot be deleted');
    await execute(room, { type: 'unpublish', actor: 'server', session: stream.id });
    return c.body('');
  });

  return app;
}

/** Throws SluiceError `bad-request`, or `operation-failed` for what needs a mixer. */
function parsedOperations(body: unknown): v.InferOutput<typeof streamPatchSchema> {
  const patch = v.safeParse(streamPatchSchema, body);
  if (patch.success && patch.output.length <= maxOperations) return patch.output;
  if (v.is(mixingSchema, body) && body.some(({ path }) => path.startsWith('/info/')))
    throw new SluiceError('operation-failed', 'No worker for video');
  throw new SluiceError('bad-request', 'Invalid update');
}
