// Owns who is where in a mixed picture: the places of its layout as rectangles, and who is mixed without a place. Pure.
import { readFractionText } from '../../../../schemas/fraction.ts';
import type {
  ForwardStreamInfo,
  MixedStreamInfo,
  ParticipantInfo,
  Region,
  StreamInfo,
} from '../../../../schemas/stream.ts';
import { purposeOf, statusOf } from './tiles.ts';
import type { Tile } from './tiles.ts';

/** Shares of the picture, 0 to 1, from its top left corner. */
export interface Rectangle {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** What is shown of somebody in a mixed picture. */
export interface Figure {
  readonly stream: string;
  readonly participant: string;
  readonly name: string;
  readonly mine: boolean;
  readonly purpose: 'camera' | 'screen';
  readonly audio: Tile['audio'];
  readonly video: Tile['video'];
  /** Was the last one to speak up. */
  readonly speaks: boolean;
}

export interface Place {
  readonly region: string;
  /** Position in the layout. */
  readonly index: number;
  readonly area: Rectangle;
  /** Absent: the place is free. */
  readonly figure: Figure | undefined;
}

/** The room as far as a mixed picture is concerned. */
export interface Cast {
  readonly participants: ReadonlyMap<string, ParticipantInfo>;
  readonly streams: ReadonlyMap<string, StreamInfo>;
  /** Our own id. */
  readonly me: string;
}

/** The mixed stream of the view with this label. */
export function mixedStream(streams: Iterable<StreamInfo>, label: string): MixedStreamInfo | undefined {
  for (const stream of streams) if (stream.type === 'mixed' && stream.info.label === label) return stream;
  return undefined;
}

/** Whether a stream is in the mix, with or without a place in its picture. */
export function isMixedIn(mixed: MixedStreamInfo, stream: ForwardStreamInfo): boolean {
  return stream.info.inViews.includes(mixed.info.label) || hasPlace(mixed, stream.id);
}

/** The places in the order of the layout. An area that is no fraction of the picture counts as nothing. */
export function placesOf(mixed: MixedStreamInfo, cast: Cast): readonly Place[] {
  return mixed.info.layout.map(({ stream, region }, index) => ({
    region: region.id,
    index,
    area: rectangleOf(region),
    figure: stream === undefined ? undefined : figureOf(mixed, cast, stream),
  }));
}

/** Who is in the mix but has no place in its picture, e.g. because the layout has too few. */
export function waitingFor(mixed: MixedStreamInfo, cast: Cast): readonly Figure[] {
  return forwardStreams(cast).flatMap((stream) =>
    isMixedIn(mixed, stream) &&
    !hasPlace(mixed, stream.id) &&
    stream.media.tracks.some(({ type }) => type === 'video')
      ? [figureOf(mixed, cast, stream.id)]
      : [],
  );
}

/** Of the others, what is not in the mix: who did not take part, or joined with a client that does not mix. */
export function outsideOf(mixed: MixedStreamInfo, cast: Cast): readonly Figure[] {
  return forwardStreams(cast).flatMap((stream) =>
    isMixedIn(mixed, stream) || stream.info.owner === cast.me || stream.info.type === 'selecting'
      ? []
      : [figureOf(mixed, cast, stream.id)],
  );
}

export function rectangleOf({ area }: Region): Rectangle {
  return {
    left: share(area.left),
    top: share(area.top),
    width: share(area.width),
    height: share(area.height),
  };
}

function hasPlace({ info }: MixedStreamInfo, id: string): boolean {
  return info.layout.some(({ stream }) => stream === id);
}

function forwardStreams({ streams }: Cast): readonly ForwardStreamInfo[] {
  return [...streams.values()].filter((stream): stream is ForwardStreamInfo => stream.type === 'forward');
}

function figureOf(mixed: MixedStreamInfo, { participants, streams, me }: Cast, id: string): Figure {
  const stream = streams.get(id);
  const owner = stream?.type === 'forward' ? stream.info.owner : '';
  return {
    stream: id,
    participant: owner,
    name: participants.get(owner)?.user ?? 'Live stream',
    mine: owner === me,
    purpose: stream === undefined ? 'camera' : purposeOf(stream),
    audio: statusOf(stream, 'audio'),
    video: statusOf(stream, 'video'),
    speaks: mixed.info.activeInput === id,
  };
}

function share(text: string): number {
  const fraction = readFractionText(text);
  return fraction === undefined ? 0 : Math.min(1, fraction.numerator / fraction.denominator);
}
