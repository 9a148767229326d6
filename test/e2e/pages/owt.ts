// Owns what a test does inside a page with the OWT JavaScript SDK: as little as an application could. The SDK and a
// Socket.IO client are there before it, as globals.
import type { OwtCalls, OwtCapabilities } from '../../support/owt-report.ts';

interface Emitter {
  addEventListener(type: string, listener: (event: OwtEvent) => void): void;
}
interface OwtEvent {
  readonly stream?: RemoteStream;
  readonly participant?: Emitter & { readonly userId: string };
  readonly message?: string;
  readonly kind?: string;
  readonly error?: Error;
  readonly layout?: readonly { readonly stream?: string }[];
  readonly activeAudioInputStreamId?: string;
}
interface Session extends Emitter {
  readonly id: string;
  /** Since 5.0. */
  readonly stream?: MediaStream;
  stop(): unknown;
  mute(kind: string): Promise<void>;
  unmute(kind: string): Promise<void>;
  applyOptions(options: object): Promise<void>;
  getStats(): Promise<RTCStatsReport>;
}
interface RemoteStream extends Emitter {
  readonly id: string;
  /** Of the last subscription; before 5.0. */
  readonly mediaStream?: MediaStream;
  readonly source: { readonly video?: string };
  readonly settings: { readonly video?: readonly { readonly rid?: string }[] };
  readonly extraCapabilities: { readonly video?: OwtCapabilities };
}
interface Client extends Emitter {
  join(token: string): Promise<{
    readonly participants: readonly (Emitter & { readonly id: string; readonly userId: string })[];
    readonly remoteStreams: readonly RemoteStream[];
  }>;
  leave(): Promise<void>;
  publish(stream: object, options?: object): Promise<Session>;
  subscribe(stream: RemoteStream, options?: object): Promise<Session>;
  send(message: string, participant?: string): Promise<void>;
}
declare const Owt: {
  readonly Conference: { readonly ConferenceClient: new (configuration?: object) => Client };
  readonly Base: {
    readonly LocalStream: new (stream: MediaStream, source: object) => object;
    readonly StreamSourceInfo: new (audio: string, video: string) => object;
  };
};

const client = new Owt.Conference.ConferenceClient();
const sessions = new Map<string, Session>();
/** What a subscription plays. */
const played = new Map<string, MediaStream>();
const remote = new Map<string, RemoteStream>();
const people = new Map<string, string>();
const heard: string[] = [];
let lastLayout: readonly (string | undefined)[] | undefined;

function note(emitter: Emitter, who: string, types: readonly string[]): void {
  for (const type of types) {
    emitter.addEventListener(type, (event) => {
      heard.push(
        [who, type, event.kind, event.error?.message].filter((part) => part !== undefined).join(' '),
      );
    });
  }
}

function keepStream(stream: RemoteStream): void {
  remote.set(stream.id, stream);
  note(stream, `stream ${stream.id}`, ['ended', 'updated']);
  stream.addEventListener('ended', () => remote.delete(stream.id));
  stream.addEventListener('layoutchange', ({ layout = [] }) => {
    lastLayout = layout.map((entry) => entry.stream);
    heard.push('layout');
  });
  stream.addEventListener('activeaudioinputchange', ({ activeAudioInputStreamId = '' }) =>
    heard.push(`speaker ${activeAudioInputStreamId}`),
  );
}

client.addEventListener('streamadded', ({ stream }) => {
  if (stream === undefined) return;
  heard.push(`added ${stream.id}`);
  keepStream(stream);
});
client.addEventListener('participantjoined', ({ participant }) => {
  if (participant === undefined) return;
  heard.push(`joined ${participant.userId}`);
  note(participant, participant.userId, ['left']);
});
client.addEventListener('messagereceived', ({ message }) => heard.push(`text ${message ?? ''}`));
client.addEventListener('serverdisconnected', () => heard.push('serverdisconnected'));

function session(name: string): Session {
  const found = sessions.get(name);
  if (found === undefined) throw new Error(`no session ${name}`);
  return found;
}

function stream(id: string): RemoteStream {
  const found = remote.get(id);
  if (found === undefined) throw new Error(`no stream ${id}`);
  return found;
}

function keepSession(name: string, made: Session): void {
  sessions.set(name, made);
  note(made, name, ['ended', 'mute', 'unmute', 'error']);
}

async function watch(name: string, id: string, options: object | undefined): Promise<void> {
  const made = await client.subscribe(stream(id), options);
  const video = document.createElement('video');
  video.muted = true;
  video.autoplay = true;
  const media = made.stream ?? stream(id).mediaStream;
  if (media === undefined) throw new Error(`${name} has no media`);
  video.srcObject = media;
  played.set(name, media);
  document.body.append(video);
  keepSession(name, made);
}

function isMixed({ source }: RemoteStream): boolean {
  return source.video === 'mixed';
}

const layers = [
  { rid: 'q', active: true, scaleResolutionDownBy: 4 },
  { rid: 'h', active: true, scaleResolutionDownBy: 2 },
  { rid: 'f', active: true },
];

const calls: OwtCalls = {
  async join(token) {
    const { participants, remoteStreams } = await client.join(token);
    for (const each of participants) {
      people.set(each.userId, each.id);
      note(each, each.userId, ['left']);
    }
    for (const each of remoteStreams) keepStream(each);
    return participants.map(({ userId }) => userId);
  },
  leave: () => client.leave(),
  async publish(name, simulcast = false) {
    const media = await navigator.mediaDevices.getUserMedia({
      audio: true,
      video: { width: 640, height: 480 },
    });
    const local = new Owt.Base.LocalStream(media, new Owt.Base.StreamSourceInfo('mic', 'camera'));
    const made = await client.publish(local, simulcast ? { audio: true, video: layers } : undefined);
    keepSession(name, made);
    return made.id;
  },
  streams: () => [...remote.values()].filter((each) => !isMixed(each)).map(({ id }) => id),
  mixedStreams: () => [...remote.values()].filter(isMixed).map(({ id }) => id),
  capabilities(id) {
    const { video } = stream(id).extraCapabilities;
    if (video === undefined) throw new Error(`${id} has no picture`);
    const { resolutions, frameRates, bitrateMultipliers } = video;
    return { resolutions, frameRates, bitrateMultipliers };
  },
  rids: (id) => (stream(id).settings.video ?? []).map(({ rid }) => rid),
  subscribe: (name, id, rid) =>
    watch(name, id, rid === undefined ? undefined : { audio: true, video: { rid } }),
  subscribeWith: (name, id, video) => watch(name, id, { audio: true, video }),
  apply: (name, video) => session(name).applyOptions({ video }),
  async media(name) {
    const made = session(name);
    const tracks = new Set(
      played
        .get(name)
        ?.getTracks()
        .map(({ id }) => id),
    );
    const report = await made.getStats();
    const media = { framesDecoded: 0, audioPackets: 0, width: 0, height: 0, codec: '', videoBytes: 0 };
    for (const entry of report.values() as Iterable<Record<string, unknown>>) {
      if (entry.type !== 'inbound-rtp' || !tracks.has(String(entry.trackIdentifier))) continue;
      if (entry.kind === 'audio') media.audioPackets += Number(entry.packetsReceived);
      else {
        const { mimeType = '' } = (report.get(String(entry.codecId)) ?? {}) as { readonly mimeType?: string };
        media.codec = mimeType.replace('video/', '').toLowerCase();
        media.framesDecoded += Number(entry.framesDecoded ?? 0);
        media.videoBytes += Number(entry.bytesReceived ?? 0);
        media.width = Number(entry.frameWidth ?? 0);
        media.height = Number(entry.frameHeight ?? 0);
      }
    }
    return media;
  },
  mute: (name, kind) => session(name).mute(kind),
  unmute: (name, kind) => session(name).unmute(kind),
  async stop(name) {
    await session(name).stop();
  },
  send: (message, user) => client.send(message, user === undefined ? undefined : people.get(user)),
  events: () => heard,
  layout: () => lastLayout,
};
Object.assign(window, { owt: calls });
