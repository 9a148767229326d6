// Owns what a test does inside a page that publishes made-up pictures and tones and reads what comes back, with the client
// library as an application would use it. The reading is eye.ts and ear.ts, the making picture.ts and voice.ts.
import { Conference, type Publication, type Subscription } from '../../../edge/client/index.ts';
import { lookOf } from '../../support/cast.ts';
import type { MixingCalls, Playing, Shown, StreamTold } from '../../support/mixing-report.ts';
import { ContinuityWatch } from './continuity.ts';
import { Ear } from './ear.ts';
import { Eye } from './eye.ts';
import { createPicture, type PictureSource } from './picture.ts';
import { createVoice, type Voice } from './voice.ts';
import { wallMs } from './wall-clock.ts';

interface Watching {
  readonly subscription: Subscription;
  readonly eye: Eye;
  /** Costs a thread; undefined where no sound is subscribed to. */
  readonly ear: Ear | undefined;
}

const maxTold = 5000;

const connections: RTCPeerConnection[] = [];
const conference = new Conference({
  createPeerConnection: (configuration) => {
    const made = new RTCPeerConnection(configuration);
    connections.push(made);
    return made;
  },
});
const watched = new Map<string, Watching>();
const continuities = new Map<string, ContinuityWatch>();
const told: StreamTold[] = [];
const states: string[] = [];
let mine:
  { readonly publication: Publication; readonly picture: PictureSource; readonly voice: Voice } | undefined;

for (const change of ['stream-added', 'stream-updated'] as const) {
  conference.on(change, (stream) => {
    if (told.length < maxTold) told.push({ atMs: wallMs(), stream });
  });
}
conference.on('connection', ({ phase }) => states.push(`connection ${phase}`));
conference.on('link', ({ phase }) => states.push(`link ${phase}`));

let longestStallMs = 0;
let lastTick = performance.now();
setInterval(() => {
  const now = performance.now();
  longestStallMs = Math.max(longestStallMs, now - lastTick - 20);
  lastTick = now;
}, 20);

function watching(name: string): Watching {
  const found = watched.get(name);
  if (found === undefined) throw new Error(`nothing called ${name} is watched`);
  return found;
}
function heard(name: string): Ear {
  const { ear } = watching(name);
  if (ear === undefined) throw new Error(`${name} has no sound`);
  return ear;
}
function published(): NonNullable<typeof mine> {
  if (mine === undefined) throw new Error('nothing is published');
  return mine;
}

const calls: MixingCalls = {
  async join(token) {
    return (await conference.join(token)).id;
  },
  leave: () => conference.leave(),
  receiveOnly(codec) {
    const capabilities = RTCRtpReceiver.getCapabilities.bind(RTCRtpReceiver);
    const known = new RegExp(`^(audio/.*|video/(${codec}|rtx))$`, 'i');
    RTCRtpReceiver.getCapabilities = (kind) => {
      const { codecs = [], headerExtensions = [] } = capabilities(kind) ?? {};
      return { headerExtensions, codecs: codecs.filter(({ mimeType }) => known.test(mimeType)) };
    };
  },
  async publish({ look: name, width = 320, height = 180, framerate = 15, codec, simulcast = false }) {
    const look = lookOf(name);
    const picture = createPicture(look, { width, height, framerate });
    const voice = createVoice(look.toneHz);
    const publication = await conference.publish(new MediaStream([picture.track, voice.track]), {
      simulcast,
      ...(codec === undefined ? {} : { videoCodec: codec }),
    });
    mine = { publication, picture, voice };
    return publication.id ?? '';
  },
  published: () => mine?.publication.id,
  unpublish() {
    const { publication, picture, voice } = published();
    publication.stop();
    picture.close();
    voice.close();
    mine = undefined;
  },
  mute: (kind, muted) => (muted ? published().publication.mute(kind) : published().publication.unmute(kind)),
  speak: (on) => published().voice.speak(on),
  beep: (on) => published().voice.beep(on),
  streams: () => [...conference.streams.values()],
  told: () => told,
  states: () => states,
  subscribe(name, stream, { audio = true, video = true, ...parameters } = {}) {
    const hasWishes = Object.keys(parameters).length > 0;
    const subscription = conference.subscribe(stream, { audio, video, ...(hasWishes ? { parameters } : {}) });
    const { media } = subscription;
    const eye = new Eye(media);
    const ear = audio ? new Ear() : undefined;
    ear?.hear(media.getAudioTracks()[0]);
    subscription.events.on('media', () => ear?.hear(media.getAudioTracks()[0]));
    watched.set(name, { subscription, eye, ear });
  },
  unsubscribe(name) {
    const { subscription, eye, ear } = watching(name);
    watched.delete(name);
    subscription.stop();
    eye.close();
    ear?.close();
  },
  stateOf(name) {
    const { state } = watching(name).subscription;
    return state.phase === 'ended' ? `ended ${state.reason}` : state.phase;
  },
  async playing(name) {
    const tracks = new Set(
      watching(name)
        .subscription.media.getTracks()
        .map(({ id }) => id),
    );
    const connection = connections.at(-1);
    if (connection === undefined) throw new Error('no connection yet');
    return measure(await connection.getStats(), tracks);
  },
  async look(name, areas) {
    return watching(name).eye.look(areas);
  },
  seenAt(name, wanted, withinMs) {
    const { eye } = watching(name);
    const areas = wanted.map(({ area }) => area);
    const deadline = wallMs() + withinMs;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        reject(new Error(`not shown in ${withinMs} ms; now ${JSON.stringify(eye.look(areas))}`));
      }, withinMs);
      const holds = (): boolean => eye.look(areas).every(({ look }, index) => look === wanted[index]?.look);
      eye.follow((atMs) => {
        if (!holds()) return wallMs() > deadline;
        clearTimeout(timer);
        resolve(atMs);
        return true;
      });
    });
  },
  async watch(name, areas, forMs) {
    const { eye } = watching(name);
    const shown = areas.map(() => new Map<number, Shown>());
    const end = wallMs() + forMs;
    eye.follow((atMs) => {
      eye.look(areas, atMs).forEach(({ delayMs }, index) => {
        if (delayMs === undefined) return;
        const drawnAt = Math.round(atMs - delayMs);
        const times = shown[index];
        if (times?.has(drawnAt) === false) times.set(drawnAt, { atMs, delayMs });
      });
      return wallMs() > end;
    });
    await new Promise((resolve) => setTimeout(resolve, forMs));
    return shown.map((times) => [...times.values()]);
  },
  keepWatching(name, areas) {
    continuities.set(name, new ContinuityWatch(watching(name).eye, areas));
  },
  continuity(name) {
    const watch = continuities.get(name);
    if (watch === undefined) throw new Error(`${name} is not looked at`);
    continuities.delete(name);
    return watch.end();
  },
  async edges(name, area) {
    return watching(name).eye.edges(area);
  },
  hears: (name) => heard(name).levels(),
  onsets: (name) => heard(name).takeOnsets(),
  longestStallMs() {
    const longest = longestStallMs;
    longestStallMs = 0;
    return longest;
  },
};

type Entry = Readonly<Record<string, unknown>>;

function measure(report: RTCStatsReport, tracks: ReadonlySet<string>): Playing {
  const entries: Entry[] = [];
  report.forEach((entry: Entry) => entries.push(entry));
  const inbound = entries.filter(
    ({ type, trackIdentifier }) => type === 'inbound-rtp' && tracks.has(String(trackIdentifier)),
  );
  const video = inbound.find(({ kind }) => kind === 'video') ?? {};
  const audio = inbound.find(({ kind }) => kind === 'audio') ?? {};
  const number = (entry: Entry, name: string): number => Number(entry[name] ?? 0);
  const perEmitted = (entry: Entry): number =>
    (1000 * number(entry, 'jitterBufferDelay')) / Math.max(1, number(entry, 'jitterBufferEmittedCount'));
  const plays = (entry: Entry): number => number(entry, 'estimatedPlayoutTimestamp');
  const codec = entries.find(({ id }) => id === video.codecId)?.mimeType;
  return {
    codec: typeof codec === 'string' ? codec.replace('video/', '').toLowerCase() : '',
    width: number(video, 'frameWidth'),
    height: number(video, 'frameHeight'),
    framesDecoded: number(video, 'framesDecoded'),
    freezes: number(video, 'freezeCount'),
    freezesMs: number(video, 'totalFreezesDuration') * 1000,
    videoBytes: number(video, 'bytesReceived'),
    audioPackets: number(audio, 'packetsReceived'),
    videoJitterBufferMs: perEmitted(video),
    audioJitterBufferMs: perEmitted(audio),
    atMs: wallMs(),
    // What is played later was captured earlier at the same moment.
    plannedSkewMs: plays(audio) === 0 || plays(video) === 0 ? undefined : plays(video) - plays(audio),
  };
}

Object.assign(window, { mixing: calls });
