// Owns what the server tells a client of its own accord, before any gateway gives it a wire form: the WebSocket gateway
// sends these as they are, the Socket.IO gateway maps them to OWT events (portal-protocol §8).
import type { LayoutEntry, ParticipantInfo, StreamInfo } from './stream.ts';
import type { TrackStatus } from './media.ts';

export type StreamUpdate =
  | { readonly field: 'audio.status' | 'video.status'; readonly value: TrackStatus }
  | { readonly field: 'video.layout'; readonly value: readonly LayoutEntry[] }
  | {
      readonly field: 'activeInput';
      readonly value: string | { readonly id: string; readonly volume: 'major' | 'minor' };
    }
  | { readonly field: '.'; readonly value: StreamInfo };

export type Notice =
  | { readonly type: 'participant-joined'; readonly participant: ParticipantInfo }
  | { readonly type: 'participant-left'; readonly participant: string }
  | { readonly type: 'stream-added'; readonly stream: StreamInfo }
  | { readonly type: 'stream-updated'; readonly stream: string; readonly update: StreamUpdate }
  | { readonly type: 'stream-removed'; readonly stream: string }
  /** The transport has ICE and DTLS up. */
  | { readonly type: 'transport-ready'; readonly transport: string }
  | { readonly type: 'transport-failed'; readonly transport: string; readonly reason: string }
  /** A session is one publication or subscription. */
  | { readonly type: 'session-ready'; readonly transport: string; readonly session: string }
  | {
      readonly type: 'session-ended';
      readonly transport: string;
      readonly session: string;
      readonly reason: string;
    }
  /** `to` is "me" or "all" as in portal-protocol §8. */
  | { readonly type: 'text'; readonly from: string; readonly to: 'me' | 'all'; readonly message: string }
  /** The server ends this participation; nothing follows. */
  | { readonly type: 'dropped'; readonly reason: string };

/** Who gets a notice. `except` is everybody in the room but one. */
export type Audience =
  | { readonly to: 'all' }
  | { readonly to: 'except'; readonly participant: string }
  | { readonly to: 'one'; readonly participant: string };

export interface AddressedNotice {
  readonly audience: Audience;
  readonly notice: Notice;
}
