// Owns what a media engine is: decoding, composing and encoding pictures behind one interface, whatever does it. Pictures
// never leave their session; which rectangle shows what is decided by who uses it (rectangles.ts). Results come by callback
// because some engines work in threads of their own; `wasm` calls back before the call returns.
import type { Resolution, VideoFormat } from '../../schemas/media.ts';
import type { Tile } from './rectangles.ts';

export type EngineId = 'wasm' | 'cpu' | 'vaapi' | 'qsv';

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
}

export interface VideoDecoder {
  /** Of the latest picture; undefined before the first. */
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

/** A picture that layers are drawn on and encoders read. */
export interface VideoCanvas {
  readonly size: Resolution;
  /** Draws all layers in order over the background; layers without a picture yet are left out. */
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

export interface EngineSession {
  readonly id: EngineId;
  decoder(options: {
    readonly format: VideoFormat;
    /** There is a new picture. */
    readonly pictured: () => void;
    /** What was given could not be decoded; only a key frame helps. */
    readonly broken: () => void;
  }): VideoDecoder;
  canvas(options: {
    readonly size: Resolution;
    readonly background: { readonly r: number; readonly g: number; readonly b: number };
  }): VideoCanvas;
  /** A packed I420 picture with even sides. */
  still(size: Resolution, packed: Uint8Array): Still;
  encoder(options: {
    readonly format: VideoFormat;
    readonly size: Resolution;
    readonly framerate: number;
    readonly bitrateKbps: number;
    readonly encoded: (unit: EncodedUnit) => void;
  }): VideoEncoder;
  /** Ends everything that came of it. */
  close(): void;
}

export interface MediaEngine {
  readonly id: EngineId;
  readonly capabilities: EngineCapabilities;
  /** `failed`: the session is broken and good for nothing but `close`. */
  open(failed: (reason: string) => void): Promise<EngineSession>;
}
