// Owns what clients and REST see of a room's participants and streams (spec room-model §5, portal-protocol §5.1).
import * as v from 'valibot';
import type { TrackInfo } from './media.ts';
import type { Origin } from './room.ts';

export const permissionSchema = v.object({
  publish: v.object({ audio: v.boolean(), video: v.boolean() }),
  subscribe: v.object({ audio: v.boolean(), video: v.boolean() }),
});
export type Permission = v.InferOutput<typeof permissionSchema>;

/** A participant as other participants see it. */
export interface ParticipantInfo {
  readonly id: string;
  readonly user: string;
  readonly role: string;
}

/** A participant as REST shows it. */
export interface ParticipantResource extends ParticipantInfo {
  readonly permission: Permission;
}

/** A rectangle as fractions of the picture, each a text `n/d`. */
export const regionSchema = v.object({
  id: v.string(),
  shape: v.literal('rectangle'),
  area: v.object({ left: v.string(), top: v.string(), width: v.string(), height: v.string() }),
});
export type Region = Readonly<Omit<v.InferOutput<typeof regionSchema>, 'area'>> & {
  readonly area: Readonly<v.InferOutput<typeof regionSchema>['area']>;
};
export interface LayoutEntry {
  /** A stream id, never a track id; absent for an empty region. */
  readonly stream?: string;
  readonly region: Region;
}

export type ForwardStreamType = 'webrtc' | 'streaming' | 'sip' | 'quic' | 'analytics' | 'selecting';

export interface ForwardStreamInfo {
  readonly id: string;
  readonly type: 'forward';
  readonly media: { readonly tracks: readonly TrackInfo[] };
  readonly data?: boolean | null;
  readonly info: {
    readonly owner: string;
    readonly type: ForwardStreamType;
    readonly inViews: readonly string[];
    readonly attributes?: Readonly<Record<string, unknown>>;
    readonly activeInput?: string;
    /** Of selected audio. */
    readonly volume?: 'major' | 'minor';
  };
}
export interface MixedStreamInfo {
  readonly id: string;
  readonly type: 'mixed';
  readonly media: { readonly tracks: readonly TrackInfo[] };
  readonly data: null;
  readonly info: {
    readonly label: string;
    readonly activeInput: string;
    readonly layout: readonly LayoutEntry[];
    /** Where it is mixed; empty texts where the cluster has no places. */
    readonly origin: Origin;
  };
}
export type StreamInfo = ForwardStreamInfo | MixedStreamInfo;
