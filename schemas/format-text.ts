// Owns the text form of a video format, by which workers say what they can do (spec cluster §6).
import type { VideoFormat } from './media.ts';

/** `codec`, or `codec_profile` where there is one. */
export function formatText({ codec, profile }: VideoFormat): string {
  return profile === undefined ? codec : `${codec}_${profile}`;
}
