// Owns what the server itself takes in, sends, records, analyses and dials for a room, in REST (spec rest-api §9–§11).
// What the room makes of it is in edge/rooms; ending a streaming-in is in streams.ts, where it is a stream like others.
import { Hono } from 'hono';
import { SluiceError } from '../../schemas/error.ts';
import {
  analyticsSchema,
  recordingSchema,
  sipCallSchema,
  streamingInSchema,
  streamingOutSchema,
  type ServerSessionKind,
  type ServerSessionRequest,
} from '../../schemas/server-session.ts';
import type { Purpose } from '../../schemas/worker.ts';
import type { LiveRoom } from '../rooms/live-room.ts';
import { isUp, serverSession, serverSessions, type ServerSession } from '../rooms/server-session.ts';
import type { RoomState } from '../rooms/state.ts';
import { toHex } from '../tokens/text-codec.ts';
import type { ResourceDeps, ResourceEnv, RestVersion } from './resource-env.ts';
import { pathId } from './resource-id.ts';
import { execute } from './room-session.ts';
import { streamingInOfSample } from './sample-streaming-in.ts';
import { readSessionPatch } from './session-patch.ts';
import { sessionResource, type SessionResource } from './session-resource.ts';
import { startSession, updateSession } from './session-watch.ts';
import { validBody } from './valid-body.ts';

interface Resource {
  readonly kind: ServerSessionKind;
  readonly purpose: Purpose;
  /** Throws SluiceError with the reason. */
  readonly read: (body: unknown) => ServerSessionRequest;
  /** How long its start may take, and what is said after that. */
  readonly limit: { readonly withinMs: number; readonly late: string };
  readonly idPrefix?: string;
  readonly patch?: 'subscription' | 'call';
}

const what = 'Bad request';
const startMs = { withinMs: 20_000, late: 'The worker did not start it in time' };

const resources = {
  'streaming-ins': {
    kind: 'streaming-in',
    purpose: 'streaming',
    read: (body) => ({
      kind: 'streaming-in',
      body: validBody(streamingInSchema, body, 'Operation failed', 'operation-failed'),
    }),
    limit: { withinMs: 85_000, late: 'Access timeout' },
  },
  'streaming-outs': {
    kind: 'streaming-out',
    purpose: 'streaming',
    read: (body) => ({ kind: 'streaming-out', body: validBody(streamingOutSchema, body, what) }),
    limit: startMs,
    patch: 'subscription',
  },
  recordings: {
    kind: 'recording',
    purpose: 'recording',
    read: (body) => ({ kind: 'recording', body: validBody(recordingSchema, body, what) }),
    limit: startMs,
    patch: 'subscription',
  },
  analytics: {
    kind: 'analytics',
    purpose: 'analytics',
    read: (body) => ({ kind: 'analytics', body: validBody(analyticsSchema, body, what) }),
    limit: startMs,
  },
  sipcalls: {
    kind: 'sip-call',
    purpose: 'sip',
    read: (body) => ({ kind: 'sip-call', body: validBody(sipCallSchema, body, what) }),
    limit: { withinMs: 88_000, late: 'No answer timeout' },
    idPrefix: 'SipOut',
    patch: 'call',
  },
} as const satisfies Record<string, Resource>;
export type ServerSessionResource = keyof typeof resources;

const updateMs = 20_000;

/** Routes of one resource relative to `/rooms`. The `sample` takes streaming-ins in its own form too. */
export function serverSessionRoutes(
  { rooms, clock, random }: ResourceDeps,
  resource: ServerSessionResource,
  version: RestVersion,
  scope: 'all' | 'sample',
): Hono<ResourceEnv> {
  const { kind, purpose, read, limit, idPrefix = '', patch }: Resource = resources[resource];
  const layers = version === 'v1' ? 'first' : 'each';
  const app = new Hono<ResourceEnv>();

  async function found(room: string, id: string): Promise<LiveRoom> {
    const live = await rooms.reach(room);
    if (live === undefined || serverSession(live.state, id) === undefined) {
      throw new SluiceError('not-found', `There is no ${kind} ${id}`);
    }
    return live;
  }

  function shown(state: RoomState, session: ServerSession): SessionResource {
    const resource = sessionResource(state, session, layers);
    if (resource === undefined) throw new SluiceError('operation-failed', 'Session ended');
    return resource;
  }

  app.get(`/:room/${resource}`, async (c) => {
    const live = await rooms.reach(c.get('room')._id);
    if (live === undefined) return c.json([]);
    const own = serverSessions(live.state).filter((each) => each.kind === kind && isUp(each));
    return c.json(own.flatMap((each) => sessionResource(live.state, each, layers) ?? []));
  });

  app.post(`/:room/${resource}`, async (c) => {
    const body: unknown = c.get('body');
    const request = read(scope === 'sample' && kind === 'streaming-in' ? streamingInOfSample(body) : body);
    // No room is opened for what nobody can carry.
    if (!(await rooms.serves(purpose))) throw new SluiceError('operation-failed', `No worker for ${purpose}`);
    const room = await rooms.open(c.get('room')._id);
    const id = `${idPrefix}${toHex(random.bytes(16))}`;
    const session = await startSession(clock, room, id, request, limit);
    return c.json(shown(room.state, session));
  });

  if (patch !== undefined) {
    app.patch(`/:room/${resource}/:id`, async (c) => {
      const session = pathId(c);
      const changes = readSessionPatch(patch, c.get('body'));
      const room = await found(c.get('room')._id, session);
      const command = { type: 'update-session', session, kind, changes } as const;
      return c.json(shown(room.state, await updateSession(clock, room, command, updateMs)));
    });
  }

  if (kind !== 'streaming-in') {
    app.delete(`/:room/${resource}/:id`, async (c) => {
      const session = pathId(c);
      const room = await rooms.reach(c.get('room')._id);
      if (room === undefined) throw new SluiceError('not-found', `There is no ${kind} ${session}`);
      await execute(room, { type: 'end-session', session, kind });
      return c.body('');
    });
  }
  return app;
}
