// Owns what a room knows of the cluster's engines: which kinds of media can be mixed and transcoded for it, and which video
// codecs besides those that every engine has.
import { videoCodecs, type VideoFormat } from '../../schemas/media.ts';
import type { AliveAnnouncement } from '../../schemas/worker.ts';

type VideoCodec = VideoFormat['codec'];

/** Which kinds the cluster's workers can transcode. */
export interface Transcoders {
  readonly audio: boolean;
  readonly video: boolean;
  /** Video codecs that not every engine decodes, and some do. */
  readonly taken?: readonly VideoCodec[];
  /** Video codecs that not every engine encodes, and some do. */
  readonly made?: readonly VideoCodec[];
}

export const noTranscoders: Transcoders = { audio: false, video: false };

/** What each worker that mixes pictures takes and makes. */
export const everyEngine: ReadonlySet<VideoCodec> = new Set(['vp8', 'vp9', 'h264']);

/** What one worker can do. One that does not say what its engines can is taken for one that can what every engine can. */
export function transcodersOf({
  purposes,
  capacity,
}: Pick<AliveAnnouncement, 'purposes' | 'capacity'>): Transcoders {
  const video = purposes.includes('video');
  const said = video ? capacity.video : undefined;
  const codecs = rarer(special(said?.decode), special(said?.encode));
  return { audio: purposes.includes('audio'), video, ...codecs };
}

/** What can be done where either can be done. */
export function bothOf(a: Transcoders, b: Transcoders): Transcoders {
  return {
    audio: a.audio || b.audio,
    video: a.video || b.video,
    ...rarer(either(a.taken, b.taken), either(a.made, b.made)),
  };
}

export function sameTranscoders(a: Transcoders, b: Transcoders): boolean {
  const sameCodecs = (some: readonly VideoCodec[] = [], others: readonly VideoCodec[] = []): boolean =>
    some.length === others.length && some.every((codec) => others.includes(codec));
  return (
    a.audio === b.audio && a.video === b.video && sameCodecs(a.taken, b.taken) && sameCodecs(a.made, b.made)
  );
}

/** Of text forms of formats. */
function special(formats: readonly string[] = []): VideoCodec[] {
  const names = formats.map((format) => format.split('_', 1)[0]);
  return videoCodecs.filter((codec) => !everyEngine.has(codec) && names.includes(codec));
}

function either(a: readonly VideoCodec[] = [], b: readonly VideoCodec[] = []): VideoCodec[] {
  return videoCodecs.filter((codec) => a.includes(codec) || b.includes(codec));
}

function rarer(
  taken: readonly VideoCodec[],
  made: readonly VideoCodec[],
): Pick<Transcoders, 'taken' | 'made'> {
  return { ...(taken.length > 0 && { taken }), ...(made.length > 0 && { made }) };
}
