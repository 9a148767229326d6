// Owns what a media engine is: decoding, composing and encoding pictures behind one interface, whatever does it. Pictures
// never leave their session, but scaled through `tap`; which rectangle shows what is decided by who uses it (rectangles.ts). Results come by callback
// because some engines work in threads of their own; `wasm` calls back before the call returns. Nothing here throws: what
// the network sent is `broken`, what an engine cannot go on with is `failed`.
import type { Resolution, VideoFormat } from '../../schemas/media.ts';
import type { MediaEngineId } from '../../schemas/media-engine.ts';
import type { PixelFormat } from '../../schemas/picture-tap.ts';
import type { Tile } from './rectangles.ts';

export type EngineId = MediaEngineId;

export interface EngineCapabilities {
  readonly decode: readonly VideoFormat[];
  readonly encode: readonly VideoFormat[];
  /** Sides in pixels. */
  readonly maxSize: number;
}

/** One access unit as depacketized: Annex B for H.264 and H.265, a whole frame for VP8 and VP9. */
export interface AccessUnit {
  readonly data: Uint8Array;
  readonly key: boolean;
  /** Comes back with its picture. */
  readonly timestamp: number;
}

export interface VideoDecoder {
  /** Of the latest picture; undefined before the first, and while there is none after something broken. */
  readonly size: Resolution | undefined;
  decode(unit: AccessUnit): void;
  close(): void;
}

/** A picture given once, to be drawn often. */
export interface Still {
  readonly size: Resolution;
  close(): void;
}

/** What is drawn: a decoder's latest picture or a still, and which part of it where. */
export interface Layer {
  readonly picture: VideoDecoder | Still;
  readonly tile: Tile;
}

export interface Colour {
  /** 0 … 255 each. */
  readonly r: number;
  readonly g: number;
  readonly b: number;
}

/** A picture that layers are drawn on and encoders read. */
export interface VideoCanvas {
  readonly size: Resolution;
  setBackground(background: Colour): void;
  /**
   * Draws all layers in order over the background; layers without a picture yet, and those of a picture that is smaller
   * by now than the source rectangle, are left out. What has not changed since the last time may be left as it is.
   */
  compose(layers: readonly Layer[]): void;
  close(): void;
}

export interface EncodedUnit {
  /** Owned by the receiver. */
  readonly data: Uint8Array;
  readonly key: boolean;
  readonly atMs: number;
}

export interface VideoEncoder {
  readonly size: Resolution;
  /** Encodes what is on the canvas, of the same size, now. */
  encode(canvas: VideoCanvas, options: { readonly atMs: number; readonly key: boolean }): void;
  setRate(rate: { readonly bitrateKbps: number; readonly framerate: number }): void;
  close(): void;
}

export interface TapOptions {
  /** The whole picture is stretched to it. Even sides, 16 … 1024. */
  readonly size: Resolution;
  readonly pixels: PixelFormat;
  /**
   * Once, also before `tap` returns: rows without gaps, owned by the receiver; full range, from what is understood as
   * BT.601 of limited range. Undefined when there was no picture, or it could not be taken now.
   */
  readonly tapped: (pixels: Uint8Array<ArrayBuffer> | undefined) => void;
}

export interface EngineSession {
  readonly id: EngineId;
  /** Pieces of work that wait; always 0 where work is done before its call returns. */
  readonly backlog: number;
  decoder(options: {
    readonly format: VideoFormat;
    /** There is a new picture: that of the unit with this timestamp. */
    readonly pictured: (timestamp: number) => void;
    /** What was given could not be decoded; only a key frame helps. */
    readonly broken: () => void;
  }): VideoDecoder;
  /** Even sides, at least 16 and at most the engine's largest; so it is with stills and encoders. */
  canvas(options: { readonly size: Resolution; readonly background: Colour }): VideoCanvas;
  /** A packed I420 picture. */
  still(size: Resolution, packed: Uint8Array): Still;
  /** Begins with a key frame; a rate beyond what the engine can do is the nearest that it can. */
  encoder(options: {
    readonly format: VideoFormat;
    readonly size: Resolution;
    readonly framerate: number;
    readonly bitrateKbps: number;
    readonly encoded: (unit: EncodedUnit) => void;
    /** Nothing comes of what was to be encoded at that time. */
    readonly skipped?: (atMs: number) => void;
  }): VideoEncoder;
  /** Copies what the decoder, still or canvas shows now. Once the session has ended or failed, nothing comes of it. */
  tap(picture: VideoDecoder | Still | VideoCanvas, options: TapOptions): void;
  /** To be called every 100 ms or so, with steady time: a session whose work stands still has `failed`. */
  watch(nowMs: number): void;
  /** Ends everything that came of it. */
  close(): void;
}

/** What a session ended of. */
export interface EngineTrouble {
  /** `device`: others on the same device are likely to fail too. `session`: it says nothing about others. */
  readonly scope: 'session' | 'device';
  /** Whose stream was being decoded, where it happened in that. */
  readonly decoder?: VideoDecoder;
}

export type EngineWork = 'decode' | 'compose' | 'encode' | 'tap';

export interface MediaEngine {
  readonly id: EngineId;
  readonly capabilities: EngineCapabilities;
  /** It has threads of its own: results come later, and `worked` tells how long they took. */
  readonly worksApart: boolean;
  /**
   * `failed` (once): the session is broken, calls of it do nothing any more; begin another. Rejects when it cannot begin.
   * `worked`: ms of one piece of work, only where engines work apart; elsewhere who calls can measure it.
   */
  open(
    failed: (reason: string, trouble: EngineTrouble) => void,
    worked?: (work: EngineWork, ms: number) => void,
  ): Promise<EngineSession>;
}
