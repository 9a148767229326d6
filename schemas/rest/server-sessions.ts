// Owns the routes of what the server itself takes in, sends, records, analyses and dials (spec rest-api §9–§11), relative
// to the version.
import * as v from 'valibot';
import type { ErrorCode } from '../error.ts';
import {
  analyticsResourceSchema,
  analyticsSchema,
  recordingResourceSchema,
  recordingSchema,
  serverSubscriptionPatchSchema,
  sipCallPatchSchema,
  sipCallResourceSchema,
  sipCallSchema,
  streamingInSchema,
  streamingOutResourceSchema,
  streamingOutSchema,
} from '../server-session.ts';
import type { IdKind, RoomRoute } from './route.ts';
import { streamReply } from './stream-reply.ts';

const room = '/rooms/{room}';
const failed: readonly ErrorCode[] = ['operation-failed', 'unavailable'];
const missed: readonly ErrorCode[] = [...failed, 'not-found', 'stream-not-found'];

// The protocol may be left out; what a body may hold does not show in a schema that fills it in first.
const [, , pushes] = streamingOutSchema.pipe;
const [, , hls, dash] = pushes.options;
const streamingOutBody = v.object({
  protocol: v.optional(v.picklist(['rtmp', 'rtsp', 'hls', 'dash'])),
  url: v.string(),
  media: hls.entries.media,
  parameters: v.optional(v.union([hls.entries.parameters.wrapped, dash.entries.parameters.wrapped])),
});

const mixedVideo = { from: 'R-common', format: { codec: 'h264', profile: 'CB' } };
const otherPicture = '/media/video/from';

interface Session {
  readonly path: string;
  readonly id: IdKind;
  readonly tag: string;
  /** In the singular, with its article, and in the plural. */
  readonly words: readonly [one: string, many: string];
  readonly create: { readonly schema: v.GenericSchema; readonly example: unknown };
  readonly resource: v.GenericSchema;
  readonly patch?: { readonly schema: v.GenericSchema; readonly example: unknown };
}

const replace = (path: string) => [{ op: 'replace', path, value: 'R-wide' }];

const sessions: readonly Session[] = [
  {
    path: 'streaming-outs',
    id: 'streamingOut',
    tag: 'Streaming out',
    words: ['a live push', 'live pushes'],
    create: {
      schema: streamingOutBody,
      example: { url: 'rtmp://cdn.example/live/key', media: { audio: false, video: mixedVideo } },
    },
    resource: streamingOutResourceSchema,
    patch: { schema: serverSubscriptionPatchSchema, example: replace(otherPicture) },
  },
  {
    path: 'recordings',
    id: 'recording',
    tag: 'Recordings',
    words: ['a recording', 'recordings'],
    create: {
      schema: recordingSchema,
      example: { container: 'auto', media: { audio: { from: 'R-common' }, video: { from: 'R-common' } } },
    },
    resource: recordingResourceSchema,
    patch: { schema: serverSubscriptionPatchSchema, example: replace(otherPicture) },
  },
  {
    path: 'analytics',
    id: 'analytics',
    tag: 'Analytics',
    words: ['an analysis', 'analyses'],
    create: {
      schema: analyticsSchema,
      example: { algorithm: 'face-detection', media: { audio: false, video: { from: 'R-common' } } },
    },
    resource: analyticsResourceSchema,
  },
  {
    path: 'sipcalls',
    id: 'sipcall',
    tag: 'SIP calls',
    words: ['a call', 'calls'],
    create: {
      schema: sipCallSchema,
      example: {
        peerURI: 'sip:bob@phone.example',
        mediaIn: { audio: true, video: true },
        mediaOut: { audio: { from: 'R-common' }, video: { from: 'R-common' } },
      },
    },
    resource: sipCallResourceSchema,
    patch: { schema: sipCallPatchSchema, example: replace(`/output${otherPicture}`) },
  },
];

function routesOf({ path, id, tag, words: [one, many], create, resource, patch }: Session) {
  const list = `${room}/${path}`;
  const single = `${list}/{${id}}`;
  const routes: readonly RoomRoute[] = [
    {
      method: 'GET',
      path: list,
      tag,
      summary: `List ${many}`,
      details: 'Empty while the room is idle.',
      reply: { type: 'json', schema: v.array(resource) },
    },
    {
      method: 'POST',
      path: list,
      tag,
      summary: `Start ${one}`,
      details: 'The reply comes when it runs, or with the reason why it does not.',
      body: create,
      reply: { type: 'json', schema: resource },
      errors: failed,
    },
    ...(patch === undefined
      ? []
      : [
          {
            method: 'PATCH' as const,
            path: single,
            tag,
            summary: `Change ${one}`,
            details: 'All operations take effect, or none.',
            body: patch,
            reply: { type: 'json' as const, schema: resource },
            errors: missed,
          },
        ]),
    {
      method: 'DELETE',
      path: single,
      tag,
      summary: `End ${one}`,
      reply: { type: 'empty' },
      errors: missed,
    },
  ];
  return routes;
}

function streamingIns(version: 'v1' | 'v1.1'): readonly RoomRoute[] {
  const tag = 'Streaming in';
  const list = `${room}/streaming-ins`;
  return [
    {
      method: 'GET',
      path: list,
      tag,
      summary: 'List streams that are taken in',
      details: 'Not in OWT, where they are found among the streams.',
      reply: { type: 'json', schema: v.array(streamReply(version)) },
    },
    {
      method: 'POST',
      path: list,
      tag,
      summary: 'Take a stream in from a URL',
      details: 'The reply comes when it is up, which may take a minute, or with the reason why it is not.',
      body: {
        schema: streamingInSchema,
        example: {
          connection: { url: 'rtsp://cam.example/1', transportProtocol: 'udp', bufferSize: 2048 },
          media: { audio: 'auto', video: true },
          attributes: { place: 'door' },
        },
      },
      reply: { type: 'json', schema: streamReply(version) },
      errors: failed,
    },
    {
      method: 'DELETE',
      path: `${list}/{streamingIn}`,
      tag,
      summary: 'End a stream that is taken in',
      reply: { type: 'empty' },
      errors: missed,
    },
  ];
}

/** Routes below a version. */
export function serverSessionRoutes(version: 'v1' | 'v1.1'): readonly RoomRoute[] {
  return [...streamingIns(version), ...sessions.flatMap(routesOf)];
}
