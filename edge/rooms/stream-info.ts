// Owns how a room and its streams look to clients and REST in protocol 1.2 form (portal-protocol §5.1). Older forms are
// made from these by the gateways.
import type { AudioTrackInfo, TrackInfo, VideoTrackInfo } from '../../schemas/media.ts';
import type { RoomView } from '../../schemas/signal.ts';
import type { ForwardStreamInfo, StreamInfo } from '../../schemas/stream.ts';
import { selectedAudioId } from './delivery.ts';
import { audioOptional, videoOptional } from './optional.ts';
import type { RoomState, Stream, Track, View } from './state.ts';
import { nobody } from './view/active-speaker.ts';
import { mixedStreamInfo } from './view/mixed-stream.ts';
import { viewRules } from './view/view-inputs.ts';
import { viewLayout } from './view/view-layout.ts';
import { viewSetting } from './view/view-setting.ts';

/** The participant that stands for the server itself; never counted nor listed. */
export const internalParticipant = 'admin';

/** A forward stream as clients see it. */
export function streamInfo(state: RoomState, stream: Stream): ForwardStreamInfo {
  return {
    id: stream.id,
    type: 'forward',
    media: { tracks: stream.tracks.map((track) => trackInfo(state, track)) },
    info: {
      owner: stream.owner,
      type: stream.type,
      inViews: stream.inViews,
      ...(stream.attributes === undefined ? {} : { attributes: stream.attributes }),
    },
  };
}

/** What a newcomer is given: itself included, connecting streams and the internal participant not. */
export function roomView(state: RoomState): RoomView {
  return {
    id: state.id,
    views: state.document?.views.map((view) => view.label) ?? [],
    participants: [...state.participants.values()]
      .filter(({ id }) => id !== internalParticipant)
      .map(({ id, user, role }) => ({ id, user, role })),
    streams: [...mixedStreams(state), ...selectedStreams(state), ...forwardStreams(state)],
  };
}

/** One for each view that is mixed, before the forward streams. */
function mixedStreams(state: RoomState): StreamInfo[] {
  return [...state.views.values()].flatMap((view) => mixedStream(state, view) ?? []);
}

function mixedStream({ id, document }: RoomState, view: View): StreamInfo | undefined {
  const setting = viewSetting(document, view.label);
  if (document === undefined || setting === undefined) return undefined;
  const { video } = setting;
  const layout = video === false ? [] : viewLayout(viewRules(video), view.inputs);
  return mixedStreamInfo(id, document, setting, { activeInput: view.activeInput, layout });
}

/** The room's own streams of selected audio: their format is that of whoever is heard (room-model §5.1). */
export function selectedStreams({ selected }: RoomState): readonly ForwardStreamInfo[] {
  return selected.map(({ stream, volume }, index) => ({
    id: selectedAudioId(index),
    type: 'forward',
    media: {
      tracks: [{ type: 'audio', status: 'active', format: { codec: 'unknown' }, optional: { format: [] } }],
    },
    info: {
      owner: 'unknown',
      type: 'selecting',
      inViews: [],
      activeInput: stream ?? nobody,
      ...(stream === undefined ? {} : { volume }),
    },
  }));
}

function forwardStreams(state: RoomState): StreamInfo[] {
  return [...state.streams.values()]
    .filter((stream) => stream.phase === 'ready')
    .map((stream) => streamInfo(state, stream));
}

function trackInfo({ document, transcoders }: RoomState, track: Track): TrackInfo {
  const common = {
    id: track.id,
    ...(track.source === undefined ? {} : { source: track.source }),
    status: track.status,
    mid: track.mid,
    ...(track.rid === undefined ? {} : { rid: track.rid }),
  };
  if (track.kind === 'audio') {
    const info: AudioTrackInfo = {
      ...common,
      type: 'audio',
      format: track.format,
      optional: document === undefined ? {} : audioOptional(document, track.format, transcoders),
    };
    return info;
  }
  const info: VideoTrackInfo = {
    ...common,
    type: 'video',
    format: track.format,
    ...(track.resolution === undefined ? {} : { parameters: { resolution: track.resolution } }),
    optional: document === undefined ? {} : videoOptional(document, track, transcoders),
  };
  return info;
}
