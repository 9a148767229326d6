// Owns the contract of the native addon: what its sessions take and what they tell. A session is one engine thread with a
// bounded queue of commands; pictures live in there, under numbers that the caller gives, and never leave but through
// `tap`. Nothing here decides anything; workers/engine/native makes an engine of it.

/** `cpu`: the machine's own libraries. `vaapi` and `qsv`: a device under /dev/dri. */
export type NativeEngineId = 'cpu' | 'vaapi' | 'qsv';

export type NativeCodec = 'h264' | 'h265' | 'vp8' | 'vp9' | 'av1';

export interface NativeAddon {
  /** Which engines this binary can begin; whether a device answers is for `probe`. */
  readonly engines: readonly NativeEngineId[];
  /** What it was built against and runs with, for the log: one line. */
  readonly version: string;
  /**
   * Begins an engine thread, which tells `opened` or `failed`. `deliver` gets what happened, oldest first, in this
   * thread, never before the call returns; what it throws is an uncaught exception of the thread. The session keeps the
   * process running until it is closed. Throws TypeError or RangeError for wrong options only.
   */
  open(options: NativeSessionOptions, deliver: (events: readonly NativeEvent[]) => void): NativeSession;
  /**
   * What an engine can do here. Blocks, and a broken driver may end the process: call it for devices in a child process
   * only. Throws Error with the reason when the engine or its device does not begin.
   */
  probe(options: Pick<NativeSessionOptions, 'engine' | 'device' | 'encoders'>): NativeProbe;
  /** What lives in the whole process now; all zero when every session has been closed. */
  counters(): NativeCounters;
}

export interface NativeSessionOptions {
  readonly engine: NativeEngineId;
  /** For `vaapi` and `qsv`: the render node, such as /dev/dri/renderD128. */
  readonly device?: string;
  /**
   * Names of encoders that may be used, as `probe` tells them, best first. Without it those that `probe` tells without it,
   * in its order; `cpu` takes libx265 only when it is named.
   */
  readonly encoders?: readonly string[];
  /** Commands that wait and events that were not delivered yet, together; 512 without it. */
  readonly maxCommands?: number;
  /** Bytes that those hold; 32 MiB without it. */
  readonly maxBytes?: number;
}

export interface NativeProbe {
  readonly engine: NativeEngineId;
  /** As the driver calls itself; empty for `cpu`. */
  readonly vendor: string;
  readonly decode: readonly NativeCapability[];
  readonly encode: readonly NativeCapability[];
  /** The longest side of a picture, in pixels. */
  readonly maxSide: number;
  /** Pictures drawn in one job of the device; undefined where it does not matter. */
  readonly maxLayers?: number;
}

export interface NativeCapability {
  readonly codec: NativeCodec;
  /** What does it: libavcodec's name of the codec, or the library's. */
  readonly implementation: string;
  /** For devices: the profile and the entrypoint as libva calls them, such as VAProfileH264ConstrainedBaseline and VAEntrypointEncSliceLP. */
  readonly profile?: string;
  readonly entrypoint?: string;
}

/**
 * Objects have numbers (1 … 2³¹−1) that the caller chooses, one space for all kinds, none twice at a time. Sides are even,
 * 16 … 4096 px. Methods post and return: false when the command was not taken, because the session is closed or has
 * failed, or (only where it says so) because the queue is full. They throw TypeError or RangeError for what no caller may
 * ask, such as an unknown number; what came from the network is never that.
 */
export interface NativeSession {
  /** Its first unit has to be a key one; so has the one after anything broken. */
  openDecoder(id: number, codec: NativeCodec): boolean;
  openCanvas(id: number, width: number, height: number): boolean;
  /** `packed`: I420 without gaps, width × height × 3/2 bytes, which are copied. False also when the queue is full. */
  openStill(id: number, width: number, height: number, packed: Uint8Array): boolean;
  openEncoder(id: number, options: NativeEncoderOptions): boolean;
  /** Ends the object; what it has been given before is still done and told. */
  closeObject(id: number): boolean;

  /** An access unit, which is copied; `timestamp` comes back. False also when the queue is full: the unit is lost. */
  decode(decoder: number, data: Uint8Array, timestamp: number, key: boolean): boolean;
  /**
   * The caller knows that the decoder's pictures are of this size by now, as `pictured` told. A picture of another size than
   * the one before is not drawn nor tapped until then: layers are for the size that the caller knows, and the one before
   * stays.
   */
  resized(decoder: number, width: number, height: number): boolean;
  /**
   * Draws pictures (of decoders and stills) over the background, 0xRRGGBB. `layers`: nine numbers for each, the picture's
   * number, then x, y, width, height of the source and of the destination, all even; destinations lie inside the canvas.
   * Left out are objects without a picture, those that were closed, and pictures smaller than the source rectangle. At
   * most 256 layers. False also when the queue is full.
   */
  compose(canvas: number, background: number, layers: Int32Array): boolean;
  /** What is on the canvas at that point in the queue. False also when the queue is full. */
  encode(encoder: number, canvas: number, atMs: number, key: boolean): boolean;
  setRate(encoder: number, bitrateKbps: number, framerate: number): boolean;
  /**
   * Asks once for the picture of a decoder, still or canvas, scaled to the size (sides 2 … 4096): `tapped` with this
   * ticket follows. `rgb`: three bytes each, `gray`: one, rows without gaps. False also when the queue is full.
   */
  tap(ticket: number, picture: number, width: number, height: number, pixels: 'rgb' | 'gray'): boolean;

  progress(): NativeProgress;
  /** Drops what waits and frees everything. The last that is delivered is `closed`. May be called again. */
  close(): void;
}

export interface NativeEncoderOptions {
  readonly codec: NativeCodec;
  readonly width: number;
  readonly height: number;
  /** Pictures per second that the rate control reckons with. */
  readonly framerate: number;
  readonly bitrateKbps: number;
}

export type NativeEvent =
  | { readonly type: 'opened'; readonly vendor: string }
  /** `decoder` shows the picture of the unit with this timestamp. */
  | {
      readonly type: 'pictured';
      readonly decoder: number;
      readonly timestamp: number;
      readonly width: number;
      readonly height: number;
      readonly ms: number;
    }
  /** A unit could not be decoded; the picture stays, only a key unit helps. */
  | { readonly type: 'broken'; readonly decoder: number; readonly timestamp: number }
  /** `data` belongs to the receiver. */
  | {
      readonly type: 'encoded';
      readonly encoder: number;
      readonly data: Uint8Array<ArrayBuffer>;
      readonly key: boolean;
      readonly atMs: number;
      readonly ms: number;
    }
  /** The encoder left the picture out, or there was nothing on the canvas of its size. */
  | { readonly type: 'skipped'; readonly encoder: number; readonly atMs: number }
  /** `data` is undefined when there was no picture. */
  | {
      readonly type: 'tapped';
      readonly ticket: number;
      readonly width: number;
      readonly height: number;
      readonly data: Uint8Array<ArrayBuffer> | undefined;
    }
  /**
   * Once: nothing is done any more, everything is freed and `closed` follows. `device`: others on the same device are
   * likely to fail too.
   */
  | { readonly type: 'failed'; readonly reason: string; readonly scope: 'session' | 'device' }
  /** Everything is freed and the thread has ended; nothing follows. */
  | { readonly type: 'closed' };

/** How far the engine thread is; cheap to ask. For the watchdog: `busyMs` grows while one command lasts. */
export interface NativeProgress {
  readonly state: 'opening' | 'open' | 'failed' | 'closed';
  readonly waitingCommands: number;
  readonly waitingBytes: number;
  /** Commands refused because the queue was full. */
  readonly refused: number;
  readonly done: number;
  /** How long the command (or the opening) that is being done has been; 0 when idle. */
  readonly busyMs: number;
  /** Sums since the session began. */
  readonly decodeMs: number;
  readonly composeMs: number;
  readonly encodeMs: number;
  readonly tapMs: number;
}

export interface NativeCounters {
  /** Sessions whose thread has not ended. */
  readonly sessions: number;
  readonly decoders: number;
  readonly canvases: number;
  readonly encoders: number;
  /** Pictures that somebody holds: of decoders, stills and canvases. */
  readonly pictures: number;
  /** Of the device. */
  readonly surfaces: number;
  readonly deviceBuffers: number;
  /** Bytes in queues: units that wait and what was not delivered. */
  readonly queuedBytes: number;
}
