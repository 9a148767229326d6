// Owns the streams of a room in REST: showing, mixing, laying out, muting and ending them (spec rest-api §8).
import { Hono } from 'hono';
import { SluiceError, type ErrorCode } from '../../schemas/error.ts';
import type { StreamInfo } from '../../schemas/stream.ts';
import type { Command } from '../rooms/command.ts';
import type { LiveRoom } from '../rooms/live-room.ts';
import type { RoomState } from '../rooms/state.ts';
import { streamByKind } from '../rooms/stream-by-kind.ts';
import { roomView } from '../rooms/stream-info.ts';
import type { ResourceDeps, ResourceEnv, RestVersion } from './resource-env.ts';
import { pathId } from './resource-id.ts';
import { execute } from './room-session.ts';
import { readStreamPatch, type StreamOperation } from './stream-patch.ts';

/** Routes relative to `/rooms`. */
export function streamRoutes({ rooms }: ResourceDeps, version: RestVersion): Hono<ResourceEnv> {
  const app = new Hono<ResourceEnv>();
  const layers = version === 'v1' ? 'first' : 'each';

  /** The live room and one of its streams. Throws SluiceError `stream-not-found`. */
  async function found(room: string, id: string): Promise<{ room: LiveRoom; stream: StreamInfo }> {
    const live = await rooms.reach(room);
    const stream = live && roomView(live.state).streams.find((candidate) => candidate.id === id);
    if (live === undefined || stream === undefined)
      throw new SluiceError('stream-not-found', 'Stream not found');
    return { room: live, stream };
  }

  app.get('/:room/streams', async (c) => {
    const live = await rooms.reach(c.get('room')._id);
    const streams = live === undefined ? [] : roomView(live.state).streams;
    return c.json(streams.map((stream) => streamByKind(stream, layers)));
  });

  app.get('/:room/streams/:id', async (c) =>
    c.json(streamByKind((await found(c.get('room')._id, pathId(c))).stream, layers)),
  );

  app.patch('/:room/streams/:id', async (c) => {
    const id = pathId(c);
    const operations = readStreamPatch(c.get('body'));
    const { _id } = c.get('room');
    // One after the other: an index means the layout that the operations before it left. What was done stays done when
    // a later one fails.
    for (const operation of operations) {
      const { room, stream } = await found(_id, id);
      await perform(room, commandOf(room.state, stream, operation));
    }
    return c.json(streamByKind((await found(_id, id)).stream, layers));
  });

  app.on('DELETE', ['/:room/streams/:id', '/:room/streaming-ins/:id'], async (c) => {
    const { room, stream } = await found(c.get('room')._id, pathId(c));
    if (stream.type === 'mixed' || stream.info.type === 'selecting')
      throw new SluiceError('operation-failed', 'A stream of the room itself cannot be deleted');
    await execute(room, { type: 'unpublish', actor: 'server', session: stream.id });
    return c.body('');
  });

  return app;
}

const failed = (message: string) => new SluiceError('operation-failed', message);

/** What the operation asks of the room. Throws SluiceError `operation-failed` where it does not fit the stream. */
function commandOf(state: RoomState, stream: StreamInfo, operation: StreamOperation): Command {
  const actor = 'server';
  const { id } = stream;
  switch (operation.type) {
    case 'mix':
    case 'unmix': {
      const { type, view } = operation;
      const setting = state.document?.views.find(({ label }) => label === view);
      if (setting !== undefined && !state.views.has(view))
        throw failed(`No worker for ${setting.video === false ? 'audio' : 'video'}`);
      return { type, actor, stream: id, view };
    }
    case 'set-layout':
      return { type: 'set-layout', actor, stream: id, layout: operation.layout };
    case 'set-region': {
      if (stream.type !== 'mixed') throw failed('Not mixed stream');
      const { label, layout } = stream.info;
      const region = layout[operation.index]?.region.id;
      if (region === undefined) throw failed('Invalid region');
      return { type: 'set-region', actor, stream: operation.stream, view: label, region };
    }
    case 'set-status': {
      const { media, status } = operation;
      if (stream.type === 'mixed') throw failed('Stream is Mixed');
      if (!stream.media.tracks.some(({ type }) => type === media)) throw failed('Track does NOT exist');
      return {
        type: 'set-stream-status',
        actor,
        stream: id,
        operation: status === 'active' ? 'play' : 'pause',
        media,
      };
    }
  }
}

/** The stream of the path was found before: what the room does not find is one that the body names. */
const refusals: ReadonlySet<ErrorCode> = new Set(['bad-request', 'not-implemented', 'stream-not-found']);

/** A body that was well-formed but asks the impossible is the room's refusal, not a bad request (spec rest-api §2). */
async function perform(room: LiveRoom, command: Command): Promise<void> {
  try {
    await execute(room, command);
  } catch (error) {
    if (error instanceof SluiceError && refusals.has(error.code)) throw failed(error.message);
    throw error;
  }
}
