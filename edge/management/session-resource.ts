// Owns how sessions of the server itself look in REST (spec rest-api §9–§11): a subscription's tracks by kind, URLs
// without their passwords.
import type {
  analyticsResourceSchema,
  recordingResourceSchema,
  sipCallResourceSchema,
  streamingOutResourceSchema,
  SubscribedMedia,
} from '../../schemas/server-session.ts';
import type * as v from 'valibot';
import { isAudioFormat, isVideoFormat } from '../rooms/formats.ts';
import { maskedUri } from '../rooms/masked-uri.ts';
import type { ServerSession } from '../rooms/server-session.ts';
import type { RoomState, Subscription } from '../rooms/state.ts';
import { streamInfo } from '../rooms/stream-info.ts';
import { streamByKind, type StreamByKind, type ShownLayers } from '../rooms/stream-by-kind.ts';

export type SessionResource =
  | StreamByKind
  | v.InferOutput<typeof streamingOutResourceSchema>
  | v.InferOutput<typeof recordingResourceSchema>
  | v.InferOutput<typeof analyticsResourceSchema>
  | v.InferOutput<typeof sipCallResourceSchema>;

/** Undefined of a session whose stream is gone, which ends with it. */
export function sessionResource(
  state: RoomState,
  { transport, work, stream, subscription }: ServerSession,
  layers: ShownLayers,
): SessionResource | undefined {
  const { id, result } = transport;
  const media = subscription === undefined ? {} : mediaOf(subscription);
  switch (work.do) {
    case 'pull':
      return stream && streamByKind(streamInfo(state, stream), layers);
    case 'push':
      return { id, media, url: maskedUri(work.target.url) };
    case 'record':
      return { id, media, storage: result?.storage ?? { host: '', file: '' } };
    case 'analyse':
      return { id, media, analytics: result?.analytics ?? {} };
    case 'call':
      return (
        stream && {
          id,
          type: work.direction === 'in' ? 'dial-in' : 'dial-out',
          peer: maskedUri(work.peer),
          input: { ...streamInfo(state, stream) },
          output: { id: subscription?.id ?? '', media },
        }
      );
  }
}

function mediaOf({ tracks }: Subscription): SubscribedMedia {
  let media: SubscribedMedia = {};
  for (const { kind, from, format, parameters = {}, status } of tracks) {
    if (kind === 'audio') {
      const known = format !== undefined && isAudioFormat(format) ? { format } : {};
      media = { ...media, audio: { from, ...known, status } };
    } else {
      const known = format !== undefined && isVideoFormat(format) ? { format } : {};
      media = { ...media, video: { from, ...known, parameters, status } };
    }
  }
  return media;
}
