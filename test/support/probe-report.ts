// Owns the shapes that the probe inside a page (test/e2e/pages/probe.ts) tells a test. It is plain data.

/** One RTP stream as the page's own statistics count it, since its peer connection began. */
export interface RtpReport {
  /** The name of who sends it; `me` for what this page sends, `mixed <label>` for a view. */
  readonly who: string;
  readonly purpose: 'camera' | 'screen' | 'mixed';
  readonly kind: 'audio' | 'video';
  readonly direction: 'sent' | 'received';
  readonly rid: string | undefined;
  readonly codec: string;
  readonly width: number;
  readonly height: number;
  /** Encoded or decoded; 0 for sound. */
  readonly frames: number;
  readonly freezes: number;
  readonly audioEnergy: number;
  readonly packetsLost: number;
}

export interface ProbeCalls {
  /** `none` before the page has run. */
  phase(): string;
  /** This participant's id. */
  me(): string;
  /** Names of everybody in the room, sorted. */
  people(): readonly string[];
  rtp(): Promise<readonly RtpReport[]>;
  /** Messages of the chat, oldest first. */
  texts(): readonly string[];
  /** Every state of connection and link that was told, oldest first, e.g. `link recovering Node lost`. */
  states(): readonly string[];
  /** Milliseconds from being in the room to the first picture of another; negative when there was none yet. */
  firstPictureMs(): number;
  /** RTCPeerConnections made by this page so far. */
  peerConnections(): number;
  /** The longest time, in ms, that this page's thread could do nothing since the last call. */
  longestStallMs(): number;
  /** Publishes a drawn picture as a shared screen; resolves with its stream's id once it is up. */
  publishScreen(): Promise<string>;
  unpublishScreen(): void;
  setOn(kind: 'audio' | 'video', on: boolean): Promise<void>;
  say(message: string): Promise<void>;
  /** Track ids of the simulcast layers of the first stream of that person. */
  layers(who: string): readonly { readonly rid: string; readonly id: string }[];
  chooseLayer(who: string, track: string): Promise<void>;
  setWatched(who: string, watched: boolean): Promise<void>;
  leave(): void;
}
