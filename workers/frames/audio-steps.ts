// Owns what an audio jitter buffer tells its decoder to do. Durations are in ticks of the codec's RTP clock.
import type { AudioFrame } from './audio-frame.ts';

export type AudioStep =
  /** Decode and play. */
  | { readonly type: 'packet'; readonly frame: AudioFrame }
  /** Decode, so that the decoder keeps its state, and throw the sound away (or fade it into the next): playing catches up. */
  | { readonly type: 'skip'; readonly frame: AudioFrame }
  /** Play the lost sound before `frame` from its in-band FEC; the frame itself comes as `packet` later. */
  | { readonly type: 'fec'; readonly frame: AudioFrame; readonly durationTicks: number }
  /** Invent sound. `lost`: in place of what is missing; `stretch`: in between, so that playing falls back. */
  | { readonly type: 'conceal'; readonly durationTicks: number; readonly reason: 'lost' | 'stretch' }
  /** The sender is silent, or gone; an Opus decoder makes comfort noise of it when it conceals. */
  | { readonly type: 'silence'; readonly durationTicks: number };

/** Ticks of sound that a step gives to be played. */
export function playedTicks(step: AudioStep): number {
  switch (step.type) {
    case 'packet':
      return step.frame.durationTicks;
    case 'skip':
      return 0;
    case 'fec':
    case 'conceal':
    case 'silence':
      return step.durationTicks;
  }
}
