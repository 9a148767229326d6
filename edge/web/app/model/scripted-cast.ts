// Owns a made-up room for tests: Ana, Bo (who also shares a screen) and us, and what is mixed of it.
import type { ForwardStreamInfo, MixedStreamInfo, Region, StreamInfo } from '../../../../schemas/stream.ts';
import type { Cast } from './place.ts';

export interface CastOptions {
  readonly speaker?: string;
  /** Streams with their microphone off. */
  readonly muted?: readonly string[];
  /** Streams that say of themselves that they are mixed. */
  readonly inViews?: readonly string[];
}

const people = [
  { id: 'ana', user: 'Ana', role: 'presenter' },
  { id: 'bo', user: 'Bo', role: 'presenter' },
  { id: 'me', user: 'Me', role: 'presenter' },
];

export function castOf({ muted = [], inViews = [] }: CastOptions = {}): Cast {
  const streams = (['ana-1', 'bo-1', 'bo-2', 'me-1'] as const).map((id): [string, StreamInfo] => [
    id,
    forward(id, muted.includes(id), inViews.includes(id)),
  ]);
  return {
    participants: new Map(people.map((person) => [person.id, person])),
    streams: new Map(streams),
    me: 'me',
  };
}

/** A view with as many places as `streams` has members, on a square grid; undefined is a free one. */
export function mixedWith(
  streams: readonly (string | undefined)[],
  options: CastOptions = {},
): { readonly mixed: MixedStreamInfo; readonly cast: Cast } {
  const side = Math.ceil(Math.sqrt(streams.length));
  const layout = streams.map((stream, index) => {
    const region: Region = {
      id: String(index + 1),
      shape: 'rectangle',
      area: {
        left: `${index % side}/${side}`,
        top: `${Math.floor(index / side)}/${side}`,
        width: `1/${side}`,
        height: `1/${side}`,
      },
    };
    return stream === undefined ? { region } : { stream, region };
  });
  const mixed: MixedStreamInfo = {
    id: 'room-common',
    type: 'mixed',
    media: { tracks: [] },
    data: null,
    info: {
      label: 'common',
      activeInput: options.speaker ?? 'unknown',
      layout,
      origin: { isp: '', region: '' },
    },
  };
  return { mixed, cast: castOf(options) };
}

function forward(id: string, muted: boolean, mixed: boolean): ForwardStreamInfo {
  const screen = id.endsWith('2');
  return {
    id,
    type: 'forward',
    media: {
      tracks: [
        ...(screen
          ? []
          : [
              {
                type: 'audio',
                format: { codec: 'opus' },
                optional: {},
                status: muted ? 'inactive' : 'active',
              } as const,
            ]),
        {
          type: 'video',
          format: { codec: 'vp8' },
          optional: {},
          status: 'active',
          source: screen ? 'screen-cast' : 'camera',
        },
      ],
    },
    info: { owner: id.slice(0, -2), type: 'webrtc', inViews: mixed ? ['common'] : [] },
  };
}
