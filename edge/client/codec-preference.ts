// Owns the order in which codecs are offered. Pure: capabilities in, preferences out.
import type { TrackInfo } from '../../schemas/media.ts';

export type VideoCodec = 'vp8' | 'vp9' | 'h264' | 'av1';

/** What a browser's `getCapabilities` gives of one codec. */
export interface Codec {
  readonly mimeType: string;
  readonly sdpFmtpLine?: string;
}

const auxiliary = new Set(['rtx', 'red', 'ulpfec', 'flexfec-03', 'telephone-event', 'cn']);

/** `wanted` first, everything else after it in its own order; unchanged when the browser lacks it. */
export function preferCodec<C extends Codec>(codecs: readonly C[], wanted: string): C[] {
  return [
    ...codecs.filter((codec) => nameOf(codec) === wanted),
    ...codecs.filter((codec) => nameOf(codec) !== wanted),
  ];
}

/**
 * Only what a forwarded track can arrive as, with retransmission and redundancy: a receiver's m-line shrinks from five
 * kilobytes to one, which is what lets a large room fit into one offer. All codecs when the browser lacks the track's.
 */
export function onlyCodec<C extends Codec>(codecs: readonly C[], format: { readonly codec: string }): C[] {
  const matching = codecs.filter((codec) => nameOf(codec) === format.codec);
  if (matching.length === 0) return [...codecs];
  const extras = codecs.filter((codec) => ['rtx', 'red', 'ulpfec'].includes(nameOf(codec)));
  return [...matching, ...extras];
}

/**
 * The format by which a track can be had in a codec: its own, or the first of its optional ones. Of a track that has none
 * the codec alone, for the server to refuse.
 */
export function formatIn<Codec extends TrackInfo['format']['codec']>(
  { format, optional }: TrackInfo,
  codec: Codec,
): TrackInfo['format'] | { readonly codec: Codec } {
  const formats: readonly TrackInfo['format'][] = [format, ...(optional.format ?? [])];
  return formats.find((each) => each.codec === codec) ?? { codec };
}

/** Whether the browser lists this codec at all. */
export function hasCodec(codecs: readonly Codec[], wanted: string): boolean {
  return codecs.some((codec) => nameOf(codec) === wanted && !auxiliary.has(wanted));
}

function nameOf(codec: Codec): string {
  return codec.mimeType.slice(codec.mimeType.indexOf('/') + 1).toLowerCase();
}
