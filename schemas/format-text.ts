// Owns the text form of a video format, by which workers say what they can do (spec cluster §6), there and back.
import type { VideoFormat } from './media.ts';

/** `codec`, or `codec_profile` where there is one. */
export function formatText({ codec, profile }: VideoFormat): string {
  return profile === undefined ? codec : `${codec}_${profile}`;
}

/** The codec of such a text, known or not. */
export function codecOf(text: string): string {
  return text.split('_', 1)[0] ?? text;
}
