// Owns the routes of rooms, their tokens, participants, streams and mixers (spec rest-api §5–§8), relative to the version.
import * as v from 'valibot';
import { iceServersSchema } from '../ice-servers.ts';
import { createTokenSchema, participantPatchSchema, streamPatchSchema } from '../management.ts';
import { roomDocumentSchema } from '../room.ts';
import { roomOptionsSchema, roomUpdateSchema } from '../room-input.ts';
import { permissionSchema } from '../stream.ts';
import type { RoomRoute } from './route.ts';
import { streamReply } from './stream-reply.ts';

const roomSchema = v.object({ ...roomDocumentSchema.entries, id: v.string() });
const createRoomSchema = v.object({
  name: v.pipe(v.string(), v.minLength(1)),
  options: v.optional(roomOptionsSchema),
});
const participantSchema = v.object({
  id: v.string(),
  user: v.string(),
  role: v.string(),
  permission: permissionSchema,
});
const mixerSchema = v.looseObject({ kind: v.string(), id: v.string() });
const pageNumber = v.pipe(v.number(), v.integer(), v.minValue(1));

const room = '/rooms/{room}';
const participant = {
  id: 'q1W2e3R4t5Y6u7I8AAAB',
  user: 'alice',
  role: 'presenter',
  permission: { publish: { audio: true, video: true }, subscribe: { audio: true, video: true } },
};

const rooms: readonly RoomRoute[] = [
  {
    method: 'POST',
    path: '/rooms',
    tag: 'Rooms',
    summary: 'Create a room',
    details:
      'Only the name is needed; `views: []` makes a room without mixing. `mediaEngines`, not in OWT, is what may make its pictures, best first. Room options of OWT 3.x are converted.',
    body: {
      schema: createRoomSchema,
      example: {
        name: 'weekly',
        options: {
          participantLimit: 20,
          views: [{ label: 'common', video: { layout: { templates: { base: 'lecture' } } } }],
        },
      },
    },
    reply: { type: 'json', schema: roomSchema },
  },
  {
    method: 'GET',
    path: '/rooms',
    tag: 'Rooms',
    summary: 'List rooms in ascending order of id',
    query: {
      page: { schema: pageNumber, meaning: 'Counted from 1; has a meaning together with `per_page` only' },
      per_page: { schema: pageNumber, meaning: 'Rooms a page; all of them when absent' },
    },
    reply: { type: 'json', schema: v.array(roomSchema) },
  },
  {
    method: 'GET',
    path: room,
    tag: 'Rooms',
    summary: 'Show a room',
    reply: { type: 'json', schema: roomSchema },
  },
  {
    method: 'PUT',
    path: room,
    tag: 'Rooms',
    summary: 'Change a room',
    details:
      'Each field that is given replaces the stored one as a whole, the others stay. `sip: null` removes SIP, `schedule: null` and `mediaEngines: null` what they name; a masked password stays what it is. A running session keeps what it was opened with.',
    body: { schema: roomUpdateSchema, example: { inputLimit: 3 } },
    reply: { type: 'json', schema: roomSchema },
  },
  {
    method: 'PATCH',
    path: room,
    tag: 'Rooms',
    summary: 'Not implemented, as in OWT',
    reply: { type: 'empty' },
    errors: ['not-implemented'],
  },
  {
    method: 'DELETE',
    path: room,
    tag: 'Rooms',
    summary: 'Delete a room',
    details: 'A live session ends and its participants are told.',
    reply: { type: 'text', example: 'Room deleted' },
  },
  {
    method: 'POST',
    path: `${room}/tokens`,
    tag: 'Tokens',
    summary: 'Create a token to join with',
    details:
      'Good for one login within three minutes. User and role of the credentials, when they name them, win over the body.',
    body: {
      schema: createTokenSchema,
      example: { user: 'alice', role: 'presenter', preference: { isp: 'isp', region: 'region' } },
    },
    reply: { type: 'text', example: 'eyJ0b2tlbklkIjoi…' },
    errors: ['unavailable'],
  },
  {
    method: 'GET',
    path: `${room}/ice-servers`,
    tag: 'Tokens',
    summary: 'STUN and TURN servers for a client, with credentials that expire',
    details:
      "Not in OWT, whose client protocol has no place for them: for the `rtcConfiguration` of its clients, together with their token. `iceServersMs` is for how long they are good, absent where that is for ever. The relay's log names the room and the user.",
    query: {
      user: { schema: v.string(), meaning: 'As in the token; the user of the credentials wins over it' },
      region: { schema: v.string(), meaning: "The token's region: some have relays of their own" },
    },
    reply: {
      type: 'json',
      schema: iceServersSchema,
      example: {
        iceServers: [
          {
            urls: ['turn:turn.example:3478?transport=udp'],
            username: '1795291200:65f0c1d2e3f4a5b6c7d8e9f0.alice',
            credential: 'q5YF…=',
          },
        ],
        iceServersMs: 86_400_000,
      },
    },
  },
  {
    method: 'GET',
    path: `${room}/participants`,
    tag: 'Participants',
    summary: 'List participants',
    details: 'Empty while the room is idle.',
    reply: { type: 'json', schema: v.array(participantSchema), example: [participant] },
  },
  {
    method: 'GET',
    path: `${room}/participants/{participant}`,
    tag: 'Participants',
    summary: 'Show a participant',
    reply: { type: 'json', schema: participantSchema, example: participant },
    errors: ['participant-not-found', 'operation-failed'],
  },
  {
    method: 'PATCH',
    path: `${room}/participants/{participant}`,
    tag: 'Participants',
    summary: 'Change what a participant may do',
    details: 'Holds for what it asks from now on; what runs goes on.',
    body: {
      schema: participantPatchSchema,
      example: [{ op: 'replace', path: '/permission/publish/video', value: false }],
    },
    reply: { type: 'json', schema: participantSchema, example: participant },
    errors: ['participant-not-found', 'operation-failed'],
  },
  {
    method: 'DELETE',
    path: `${room}/participants/{participant}`,
    tag: 'Participants',
    summary: 'Drop a participant',
    details: 'Its client is told and disconnected, its streams and subscriptions end.',
    reply: { type: 'empty' },
    errors: ['participant-not-found', 'operation-failed'],
  },
  {
    method: 'GET',
    path: `${room}/mixers`,
    tag: 'Mixers',
    summary: 'What the mixers of a room do and cost',
    details: 'Not in OWT.',
    reply: { type: 'json', schema: v.array(mixerSchema) },
    errors: ['unavailable'],
  },
];

function streams(version: 'v1' | 'v1.1'): readonly RoomRoute[] {
  const schema = streamReply(version);
  const tag = 'Streams';
  return [
    {
      method: 'GET',
      path: `${room}/streams`,
      tag,
      summary: 'List streams, forward and mixed',
      details: 'Empty while the room is idle. Streams that still connect are not shown.',
      reply: { type: 'json', schema: v.array(schema) },
    },
    {
      method: 'GET',
      path: `${room}/streams/{stream}`,
      tag,
      summary: 'Show a stream',
      reply: { type: 'json', schema },
      errors: ['stream-not-found', 'operation-failed'],
    },
    {
      method: 'PATCH',
      path: `${room}/streams/{stream}`,
      tag,
      summary: 'Mix, mute or lay out a stream',
      details:
        'Operations on a forward stream: `add` or `remove` `/info/inViews`, `replace` `/media/{audio|video}/status`. On a mixed one: `replace` `/info/layout` with a list of `{stream?, region}`, or `/info/layout/{index}/stream`. Mutes come last; what was done before one fails stays done.',
      body: {
        schema: streamPatchSchema,
        example: [{ op: 'add', path: '/info/inViews', value: 'common' }],
      },
      reply: { type: 'json', schema },
      errors: ['stream-not-found', 'operation-failed'],
    },
    {
      method: 'DELETE',
      path: `${room}/streams/{stream}`,
      tag,
      summary: 'End a stream',
      details: 'Not those of the room itself: mixed streams and selected audio.',
      reply: { type: 'empty' },
      errors: ['stream-not-found', 'operation-failed'],
    },
  ];
}

/** Routes below a version, without those of server sessions. */
export function roomRoutes(version: 'v1' | 'v1.1'): readonly RoomRoute[] {
  return [...rooms, ...streams(version)];
}
