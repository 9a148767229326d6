// Owns the shapes that the mixing page (test/e2e/pages/mixing.ts) tells a test. It is plain data. Times are milliseconds
// since 1970 by the clock that all pages of one machine share.
import type { StreamInfo } from '../../schemas/stream.ts';
import type { LookName } from './cast.ts';

/** A rectangle as shares of the whole picture, 0 to 1. */
export interface Area {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** What is seen where a participant's picture is expected. */
export interface Seen {
  /** Undefined where no participant's colour is. */
  readonly look: LookName | undefined;
  readonly color: readonly number[];
  /** From drawing at the sender to showing here; undefined where no clock can be read. */
  readonly delayMs: number | undefined;
}

/** One newly shown picture of a participant: each capture counts once, when it is first shown. */
export interface Shown {
  readonly atMs: number;
  readonly delayMs: number;
}

export interface Playing {
  readonly codec: string;
  readonly width: number;
  readonly height: number;
  readonly framesDecoded: number;
  readonly freezes: number;
  readonly freezesMs: number;
  readonly videoBytes: number;
  readonly audioPackets: number;
  /** Of decoded pictures and of played sound, all together. */
  readonly videoJitterBufferMs: number;
  readonly audioJitterBufferMs: number;
  /** When this was looked at. */
  readonly atMs: number;
  /** Sound minus picture as the browser lines them up; undefined where it cannot tell. */
  readonly plannedSkewMs: number | undefined;
}

/** How steadily pictures came; times in ms. */
export interface Continuity {
  readonly pictures: number;
  /** The longest time without another picture. */
  readonly longestMs: number;
  /** The longest time in which somebody's clock stood still: pictures came again, or none. */
  readonly longestNewMs: number;
}

export interface PublishWish {
  readonly look: LookName;
  readonly width?: number;
  readonly height?: number;
  readonly framerate?: number;
  readonly codec?: 'vp8' | 'h264' | 'vp9';
  readonly simulcast?: boolean;
}

export interface SubscribeWish {
  readonly audio?: boolean;
  readonly video?: boolean;
  readonly resolution?: { readonly width: number; readonly height: number };
  readonly framerate?: number;
  readonly bitrate?: number | string;
}

export interface StreamTold {
  readonly atMs: number;
  readonly stream: StreamInfo;
}

export interface MixingCalls {
  /** Resolves with the participant's id. */
  join(token: string): Promise<string>;
  leave(): void;
  /** From now on this browser knows no other video codec to receive. */
  receiveOnly(codec: string): void;
  /** Publishes a made-up picture and tone; resolves with the stream's id once it is up. */
  publish(wish: PublishWish): Promise<string>;
  /** The id now, which is another after a recovery. */
  published(): string | undefined;
  unpublish(): void;
  mute(kind: 'audio' | 'video', muted: boolean): Promise<void>;
  /** Lets the tone be heard, or not. */
  speak(on: boolean): void;
  /** Begins (or ends) to sound a short beep at every full second by the clock. */
  beep(on: boolean): void;
  streams(): readonly StreamInfo[];
  /** Every stream that was told to be there or to have changed, oldest first. */
  told(): readonly StreamTold[];
  /** States of connection and link, oldest first. */
  states(): readonly string[];
  /** `name` is the test's. */
  subscribe(name: string, stream: string, wish?: SubscribeWish): void;
  unsubscribe(name: string): void;
  /** Phase of a subscription, with the reason when it ended. */
  stateOf(name: string): string;
  playing(name: string): Promise<Playing>;
  look(name: string, areas: readonly Area[]): Promise<readonly Seen[]>;
  /** The first time at which all areas show whom they should, `undefined` being nobody. Rejects after `withinMs`. */
  seenAt(
    name: string,
    wanted: readonly { readonly area: Area; readonly look: LookName | undefined }[],
    withinMs: number,
  ): Promise<number>;
  /** Looks at every picture that is shown for so long; what was first shown when, by area. */
  watch(name: string, areas: readonly Area[], forMs: number): Promise<readonly (readonly Shown[])[]>;
  /** Looks at every picture from now on until `continuity`; `areas` are whose clocks shall go on. */
  keepWatching(name: string, areas: readonly Area[]): void;
  /** Since `keepWatching`, which it ends. */
  continuity(name: string): Continuity;
  /** Where, as shares, the area's colour begins and ends when looked for from outside, along a line and a column. */
  edges(name: string, area: Area): Promise<Area>;
  /** Loudness in dB of each participant's tone in what is heard now. */
  hears(name: string): Readonly<Record<LookName, number>>;
  /** When sound began after silence, oldest first, since it was last asked. */
  onsets(name: string): readonly number[];
  /** The longest time, in ms, that this page's thread could do nothing since the last call. */
  longestStallMs(): number;
}
