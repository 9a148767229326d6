// Owns the shapes that the OWT driver inside a page (test/e2e/pages/owt.ts) tells a test. It is plain data.

export interface OwtMedia {
  readonly framesDecoded: number;
  readonly audioPackets: number;
  readonly width: number;
  readonly height: number;
  readonly codec: string;
  readonly videoBytes: number;
}

/** What of a mixed stream is asked for, in the SDK's own words. */
export interface OwtVideoWish {
  readonly codecs?: readonly { readonly name: string }[];
  readonly resolution?: { readonly width: number; readonly height: number };
  readonly frameRate?: number;
  readonly bitrateMultiplier?: number;
}

/** What may be asked for, as the SDK understands it. */
export interface OwtCapabilities {
  readonly resolutions: readonly { readonly width: number; readonly height: number }[];
  readonly frameRates: readonly number[];
  readonly bitrateMultipliers: readonly number[];
}

/** What a page does with the OWT SDK; publications and subscriptions are named by the test. */
export interface OwtCalls {
  /** Resolves with the users in the room. */
  join(token: string): Promise<readonly string[]>;
  leave(): Promise<void>;
  /** A camera and microphone made up by the browser; resolves with the stream's id. */
  publish(name: string, simulcast?: boolean): Promise<string>;
  /** Ids of the forward streams known now. */
  streams(): readonly string[];
  mixedStreams(): readonly string[];
  capabilities(stream: string): OwtCapabilities;
  /** Tracks as the SDK understands them. */
  rids(stream: string): readonly (string | undefined)[];
  subscribe(name: string, stream: string, rid?: string): Promise<void>;
  subscribeWith(name: string, stream: string, video: OwtVideoWish): Promise<void>;
  /** Asks for something else of a running subscription. */
  apply(name: string, video: OwtVideoWish): Promise<void>;
  media(name: string): Promise<OwtMedia>;
  mute(name: string, kind: string): Promise<void>;
  unmute(name: string, kind: string): Promise<void>;
  stop(name: string): Promise<void>;
  send(message: string, user?: string): Promise<void>;
  /** Everything the SDK told, in order, e.g. `joined bob`, `text hello`, `camera mute video`. */
  events(): readonly string[];
  /** Streams by region in the last layout that was told of; undefined before the first. */
  layout(): readonly (string | undefined)[] | undefined;
}
