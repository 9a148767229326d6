// Owns what the main thread and a mixing thread say to each other. Both are ours and of one build, so nothing is validated.
import type { DesiredAudioMixer, DesiredVideoMixer, MixerStats } from '../../schemas/worker.ts';
import type { EngineChoice } from '../engine/engine-choice.ts';
import type { EngineFault } from '../engine/engine-failure.ts';
import type { Age, Line, LineReport, TappedPicture } from './pipeline.ts';

export type PipelineSettings = DesiredVideoMixer | DesiredAudioMixer;

/** Handed over when a thread begins; modules are compiled once in the main thread. */
export interface ThreadData {
  readonly modules: { readonly video: WebAssembly.Module; readonly audio: WebAssembly.Module };
  /** The worker's steady clock, ms since 1970, minus `hrtime` in ms. */
  readonly clockOffsetMs: number;
  /** Where the native addon was built; without it where it is looked for. */
  readonly nativeFolder?: string;
  /** Whether pipelines may come that need the addon. */
  readonly usesAddon: boolean;
  /** Whether it may be told to stand still, for tests. */
  readonly wedgeable: boolean;
}

/** The first that a thread tells: where the system tells about it. */
export interface Introduction {
  readonly task: string | undefined;
}

/** `pipeline` numbers are given out by the main thread and never used twice. */
export type Command =
  | {
      readonly type: 'open';
      readonly pipeline: number;
      readonly settings: PipelineSettings;
      /** Of a video pipeline. */
      readonly engine: EngineChoice | undefined;
    }
  | { readonly type: 'configure'; readonly pipeline: number; readonly settings: PipelineSettings }
  | { readonly type: 'begin'; readonly pipeline: number; readonly line: Line }
  | { readonly type: 'end'; readonly pipeline: number; readonly line: number }
  /** RTP packets as packet-slab.ts lays them out. */
  | { readonly type: 'packets'; readonly slab: ArrayBuffer }
  | { readonly type: 'report'; readonly pipeline: number; readonly report: LineReport }
  | {
      readonly type: 'round-trip';
      readonly pipeline: number;
      readonly line: number;
      readonly rttMs: number;
    }
  | { readonly type: 'key-frame'; readonly pipeline: number; readonly output: string }
  /** Another picture of the tap may come. */
  | { readonly type: 'tap-taken'; readonly pipeline: number; readonly tap: string }
  | { readonly type: 'close'; readonly pipeline: number }
  | { readonly type: 'wedge' };

export interface Batch {
  readonly commands: readonly Command[];
}

/** An OutputFrame whose payloads lie in one buffer, each behind `headRoomBytes` for its RTP header. */
export interface PackedFrame {
  readonly output: string;
  readonly bytes: ArrayBuffer;
  /** Of the payloads, in order. */
  readonly lengths: readonly number[];
  readonly atMs: number;
  readonly timestamp: number;
  readonly marker: boolean;
  readonly key: boolean;
}

export const headRoomBytes = 12;

export type PipelineEvent =
  | { readonly type: 'frame'; readonly frame: PackedFrame }
  | { readonly type: 'request-key-frame'; readonly line: number }
  | { readonly type: 'ages'; readonly ages: readonly Age[] }
  | { readonly type: 'speaker'; readonly stream: string }
  /** Its bytes are handed over. */
  | { readonly type: 'tapped'; readonly picture: TappedPicture }
  | { readonly type: 'stats'; readonly stats: MixerStats }
  /** It broke and is closed; `engine`, where it was that which failed. */
  | { readonly type: 'failed'; readonly reason: string; readonly engine?: EngineFault };

/** Also the sign that the thread lives: one comes at least every `beatMs`. */
export interface Turn {
  /** How many batches are done with, and nearly all work that came of them, since the thread began. */
  readonly done: number;
  readonly events: readonly { readonly pipeline: number; readonly event: PipelineEvent }[];
}

export const beatMs = 100;
