// Owns which mixers a room's subscriptions and voices need, with their inputs and outputs. Equal wishes share an output;
// what nobody needs is not there.
import type { AudioFormat } from '../../schemas/media.ts';
import type { Region } from '../../schemas/stream.ts';
import type {
  DesiredAudioMixer,
  DesiredAudioSelector,
  DesiredMixer,
  DesiredVideoInput,
  DesiredVideoMixer,
  DesiredVideoOutput,
} from '../../schemas/worker.ts';
import { defaultBitrate, wishedBitrate } from './bitrate.ts';
import { decodesAudio, decodesVideo } from './capabilities.ts';
import { selectedAudioId, type Delivery } from './delivery.ts';
import { baseFramerate, baseResolution } from './optional.ts';
import { audioOutputName, mixerId, videoOutputName, type VideoWish } from './output-name.ts';
import type { AudioTrack, RoomState, Stream, VideoTrack, View } from './state.ts';
import { followsVoice } from './view/active-speaker.ts';
import { mixedStreamId } from './view/mixed-stream.ts';
import { streamInputs } from './view/stream-inputs.ts';
import { viewRules, type ViewRules } from './view/view-inputs.ts';
import { placements } from './view/view-layout.ts';
import { viewEncoding } from './view/view-parameters.ts';

type AudioInput = DesiredAudioMixer['inputs'][number];
type AudioOutput = DesiredAudioMixer['outputs'][number];

/** Key frame interval in seconds of what is transcoded without a wish. */
const baseKeyFrameInterval = 100;
const black = { r: 0, g: 0, b: 0 };
const whole: Region = {
  id: '1',
  shape: 'rectangle',
  area: { left: '0/1', top: '0/1', width: '1/1', height: '1/1' },
};

export class PlannedMixers {
  readonly #state: RoomState;
  readonly #engines: Pick<DesiredVideoMixer, 'engines'>;
  /** By label: the sounds in each view. */
  readonly #heard: ReadonlyMap<string, readonly AudioInput[]>;
  readonly #speakers: ReadonlyMap<string, ReadonlySet<string>>;
  readonly #videoOutputs = new Map<string, Map<string, DesiredVideoOutput>>();
  readonly #audioOutputs = new Map<string, Map<string, AudioOutput>>();
  readonly #transcoders = new Map<string, Extract<Delivery, { by: 'transcoder' }>>();

  constructor(state: RoomState) {
    this.#state = state;
    const engines = state.document?.mediaEngines;
    this.#engines = engines === undefined ? {} : { engines };
    this.#heard = heardIn(state);
    this.#speakers = new Map(
      [...this.#heard].map(([label, inputs]) => [label, new Set(inputs.map(({ owner }) => owner))]),
    );
  }

  /**
   * The track that carries a delivery to `owner`, made if it is not there; undefined when it is not known yet. Without an
   * owner it is what everybody hears.
   */
  carrier(how: Delivery, owner: string | undefined): string | undefined {
    switch (how.by) {
      case 'nothing':
        return undefined;
      case 'source':
        return how.track;
      case 'view': {
        const { view } = how;
        const stream = mixedStreamId(this.#state.id, view.label);
        if (how.kind === 'audio') {
          // Who is not in the mix hears what everybody hears.
          const speaks = owner !== undefined && this.#speakers.get(view.label)?.has(owner) === true;
          return this.#audio(stream, how.format, speaks ? owner : undefined);
        }
        const { video } = view;
        if (video === false) return undefined;
        return this.#video(stream, how.wish, () => viewEncoding(video, how.wish));
      }
      case 'transcoder':
        this.#transcoders.set(mixerId(how.track.id, how.kind), how);
        if (how.kind === 'audio') return this.#audio(how.track.id, how.format, undefined);
        return this.#video(how.track.id, how.wish, () => transcoding(how.track, how.wish));
    }
  }

  /** All that must run for what was asked of `carrier`, and for who follows voices. */
  mixers(): readonly DesiredMixer[] {
    const selector = this.#selector();
    return [
      ...[...this.#state.views.values()].flatMap((view) => this.#viewMixers(view)),
      ...[...this.#transcoders].map(([id, how]) =>
        how.kind === 'audio'
          ? this.#audioTranscoder(id, how.stream, how.track)
          : this.#videoTranscoder(id, how.stream, how.track),
      ),
      ...(selector === undefined ? [] : [selector]),
    ];
  }

  #video(source: string, wish: VideoWish, numbers: () => Omit<DesiredVideoOutput, 'track'>): string {
    const outputs = entry(this.#videoOutputs, mixerId(source, 'video'));
    const track = videoOutputName(source, wish);
    if (!outputs.has(track)) outputs.set(track, { track, ...numbers() });
    return track;
  }

  #audio(source: string, format: AudioFormat, without: string | undefined): string {
    const outputs = entry(this.#audioOutputs, mixerId(source, 'audio'));
    const track = audioOutputName(source, format, without);
    if (!outputs.has(track)) {
      outputs.set(track, { track, format, ...(without === undefined ? {} : { without }) });
    }
    return track;
  }

  #viewMixers({ label, inputs, attention }: View): DesiredMixer[] {
    const setting = this.#state.document?.views.find((each) => each.label === label);
    if (setting === undefined) return [];
    const stream = mixedStreamId(this.#state.id, label);
    const [audioId, videoId] = [mixerId(stream, 'audio'), mixerId(stream, 'video')];
    const sounds = this.#heard.get(label) ?? [];
    const followed = followsVoice(setting) && sounds.length > 0 && this.#state.participants.size > 0;
    const audio = listOf(this.#audioOutputs, audioId);
    const mixers: DesiredMixer[] = [];
    if (audio.length > 0 || followed) {
      const voice = followed ? { voice: { attention } } : {};
      mixers.push({ kind: 'audio', id: audioId, inputs: [...sounds], outputs: audio, ...voice });
    }
    const pictures = listOf(this.#videoOutputs, videoId);
    if (pictures.length > 0 && setting.video !== false) {
      const { bgColor: background, layout } = setting.video;
      mixers.push({
        kind: 'video',
        id: videoId,
        background,
        fit: layout.fitPolicy,
        ...this.#engines,
        inputs: seenIn(this.#state, viewRules(setting.video), inputs),
        outputs: pictures,
        ...(mixers.length > 0 ? { companion: audioId } : {}),
      });
    }
    return mixers;
  }

  #audioTranscoder(id: string, stream: Stream, track: AudioTrack): DesiredAudioMixer {
    return {
      kind: 'audio',
      id,
      inputs: [audioInput(stream, track)],
      outputs: listOf(this.#audioOutputs, id),
    };
  }

  #videoTranscoder(id: string, stream: Stream, track: VideoTrack): DesiredVideoMixer {
    return {
      kind: 'video',
      id,
      background: black,
      fit: 'letterbox',
      ...this.#engines,
      inputs: [videoInput(track.id, stream, [track], whole)],
      outputs: listOf(this.#videoOutputs, id),
    };
  }

  #selector(): DesiredAudioSelector | undefined {
    const { selected, streams, participants } = this.#state;
    if (selected.length === 0 || participants.size === 0) return undefined;
    const inputs = [...streams.values()]
      .filter(({ type, phase }) => type === 'webrtc' && phase === 'ready')
      .flatMap((stream) => audioTracks(stream).map((track) => audioInput(stream, track)))
      .map(({ stream, track, format, active }) => ({ stream, track, format, active }));
    if (inputs.length === 0) return undefined;
    const outputs = selected.map((_, index) => selectedAudioId(index));
    return { kind: 'selector', id: mixerId('active-audio', 'audio'), inputs, outputs };
  }
}

function heardIn({ streams, views }: RoomState): Map<string, AudioInput[]> {
  const heard = new Map<string, AudioInput[]>();
  if (views.size === 0) return heard;
  for (const stream of streams.values()) {
    for (const label of stream.inViews) {
      const inputs = heard.get(label) ?? [];
      heard.set(label, inputs);
      const decodable = audioTracks(stream).filter(({ format }) => decodesAudio(format));
      inputs.push(...decodable.map((track) => audioInput(stream, track)));
    }
  }
  return heard;
}

/** In the order of drawing; what cannot be decoded leaves its region empty. */
function seenIn(
  { streams, transcoders }: RoomState,
  rules: ViewRules,
  inputs: View['inputs'],
): DesiredVideoInput[] {
  return placements(rules, inputs).flatMap(({ input, region }) => {
    const stream = streams.get(input.stream);
    const found = stream && streamInputs(stream).find(({ id }) => id === input.id);
    if (stream === undefined || found === undefined) return [];
    const layers = found.layers.filter(({ format }) => decodesVideo(format, transcoders));
    return layers.length === 0 ? [] : [videoInput(input.id, stream, layers, region)];
  });
}

function audioTracks({ tracks }: Stream): AudioTrack[] {
  return tracks.filter((track) => track.kind === 'audio');
}

function audioInput({ id: stream, owner }: Stream, { id, format, status }: AudioTrack): AudioInput {
  return { id, stream, owner, track: id, format, active: status === 'active' };
}

function videoInput(
  id: string,
  stream: Stream,
  tracks: readonly VideoTrack[],
  region: Region,
): DesiredVideoInput {
  return {
    id,
    stream: stream.id,
    layers: tracks.map(({ id: track, format, resolution }) => ({
      track,
      format,
      ...(resolution === undefined ? {} : { resolution }),
    })),
    active: tracks.every(({ status }) => status === 'active'),
    region,
  };
}

/** The numbers that a wish means for the encoder of a forward track (room-model §2.6). */
function transcoding(track: VideoTrack, wish: VideoWish): Omit<DesiredVideoOutput, 'track'> {
  const { format, resolution, framerate = baseFramerate, keyFrameInterval = baseKeyFrameInterval } = wish;
  const size = resolution ?? track.resolution ?? baseResolution;
  const bitrateKbps = wishedBitrate(wish.bitrate, defaultBitrate(format.codec, size, framerate, 1));
  return {
    format,
    ...(resolution === undefined ? {} : { resolution }),
    framerate,
    bitrateKbps,
    keyFrameInterval,
  };
}

function entry<T>(map: Map<string, Map<string, T>>, key: string): Map<string, T> {
  const known = map.get(key) ?? new Map<string, T>();
  map.set(key, known);
  return known;
}

function listOf<T>(map: ReadonlyMap<string, ReadonlyMap<string, T>>, key: string): T[] {
  return [...(map.get(key)?.values() ?? [])];
}
