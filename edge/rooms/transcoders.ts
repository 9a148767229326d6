// Owns what a room knows of the cluster's engines: which kinds of media can be mixed and transcoded for it, and which video
// codecs besides those that every engine has.
import { codecOf } from '../../schemas/format-text.ts';
import { videoCodecs, type VideoFormat } from '../../schemas/media.ts';
import type { MediaEngineOrder } from '../../schemas/media-engine.ts';
import type { AliveAnnouncement } from '../../schemas/worker.ts';
import { videoCapacity } from '../cluster/capacity-match.ts';
import { plainCodecs } from '../cluster/plain-codecs.ts';

type VideoCodec = VideoFormat['codec'];

/** Which kinds the cluster's workers can transcode. */
export interface Transcoders {
  readonly audio: boolean;
  readonly video: boolean;
  /** Video codecs that not every engine decodes, and some do. */
  readonly taken?: readonly VideoCodec[];
  /** Video codecs that not every engine encodes, and some do. */
  readonly made?: readonly VideoCodec[];
  /** Plain ones that none of the engines which a room allows decodes, or encodes. */
  readonly untaken?: readonly VideoCodec[];
  readonly unmade?: readonly VideoCodec[];
}

export const noTranscoders: Transcoders = { audio: false, video: false };

/**
 * What one worker can do for a room that allows these engines; absent: any. One that does not say what its engines can is
 * taken for one that can what every engine can.
 */
export function transcodersOf(
  { purposes, capacity }: Pick<AliveAnnouncement, 'purposes' | 'capacity'>,
  engines?: MediaEngineOrder,
): Transcoders {
  const audio = purposes.includes('audio');
  const said = purposes.includes('video') ? videoCapacity(capacity, engines) : 'none';
  if (said === 'none' || said === 'all') return { audio, video: said === 'all' };
  return {
    audio,
    video: true,
    ...codecs({
      taken: special(said.decode),
      made: special(said.encode),
      // Without a wish any engine will do, and the usual one does them.
      untaken: engines === undefined ? [] : lacking(said.decode),
      unmade: engines === undefined ? [] : lacking(said.encode),
    }),
  };
}

/** What can be done where either can be done. */
export function bothOf(a: Transcoders, b: Transcoders): Transcoders {
  return {
    audio: a.audio || b.audio,
    video: a.video || b.video,
    ...codecs({
      taken: either(a.taken, b.taken),
      made: either(a.made, b.made),
      untaken: neither(a, b, 'untaken'),
      unmade: neither(a, b, 'unmade'),
    }),
  };
}

export function sameTranscoders(a: Transcoders, b: Transcoders): boolean {
  const sameCodecs = (some: readonly VideoCodec[] = [], others: readonly VideoCodec[] = []): boolean =>
    some.length === others.length && some.every((codec) => others.includes(codec));
  return (
    a.audio === b.audio &&
    a.video === b.video &&
    sameCodecs(a.taken, b.taken) &&
    sameCodecs(a.made, b.made) &&
    sameCodecs(a.untaken, b.untaken) &&
    sameCodecs(a.unmade, b.unmade)
  );
}

/** Of text forms of formats. */
function special(formats: readonly string[] = []): VideoCodec[] {
  const names = formats.map(codecOf);
  return videoCodecs.filter((codec) => !plainCodecs.has(codec) && names.includes(codec));
}

function lacking(formats: readonly string[]): VideoCodec[] {
  const names = formats.map(codecOf);
  return [...plainCodecs].filter((codec) => !names.includes(codec));
}

function either(a: readonly VideoCodec[] = [], b: readonly VideoCodec[] = []): VideoCodec[] {
  return videoCodecs.filter((codec) => a.includes(codec) || b.includes(codec));
}

/** What is lacking in both; who does nothing lacks nothing that another has. */
function neither(a: Transcoders, b: Transcoders, what: 'untaken' | 'unmade'): readonly VideoCodec[] {
  const [one = [], other = []] = [a, b].filter(({ video }) => video).map((each) => each[what] ?? []);
  return a.video && b.video ? one.filter((codec) => other.includes(codec)) : one;
}

type Codecs = Omit<Transcoders, 'audio' | 'video'>;

/** Without empty lists. */
function codecs({ taken = [], made = [], untaken = [], unmade = [] }: Codecs): Codecs {
  return {
    ...(taken.length > 0 && { taken }),
    ...(made.length > 0 && { made }),
    ...(untaken.length > 0 && { untaken }),
    ...(unmade.length > 0 && { unmade }),
  };
}
