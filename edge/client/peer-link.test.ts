import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ForwardStreamInfo, MixedStreamInfo } from '../../schemas/stream.ts';
import { SluiceError } from '../../schemas/error.ts';
import type { ErrorCode } from '../../schemas/error.ts';
import { PeerLink } from './peer-link.ts';
import type { PublishOptions } from './publication.ts';
import { FakePeerConnection } from './testing/fake-peer-connection.ts';
import { settle, TestTimers } from './testing/test-timers.ts';
import type { SessionReply, SignalBody } from './wire.ts';

class FakeMediaStream {
  readonly #tracks: { kind: string }[];
  constructor(tracks: { kind: string }[] = []) {
    this.#tracks = [...tracks];
  }
  getTracks = () => [...this.#tracks];
  getAudioTracks = () => this.#tracks.filter(({ kind }) => kind === 'audio');
  getVideoTracks = () => this.#tracks.filter(({ kind }) => kind === 'video');
  addTrack = (track: { kind: string }) => this.#tracks.push(track);
  removeTrack = (track: { kind: string }) => this.#tracks.splice(this.#tracks.indexOf(track), 1);
}

beforeAll(() => {
  vi.stubGlobal('MediaStream', FakeMediaStream);
  vi.stubGlobal('RTCRtpReceiver', { getCapabilities: () => ({ codecs: [] }) });
  vi.stubGlobal('RTCRtpSender', { getCapabilities: () => ({ codecs: [] }) });
});
afterAll(() => vi.unstubAllGlobals());

interface Asked {
  readonly body: SignalBody;
  answer(data?: SessionReply | { readonly answer: string }): void;
  refuse(code: ErrorCode, message: string): void;
}

let timers: TestTimers;
let peers: FakePeerConnection[];
let asked: Asked[];
let link: PeerLink;

beforeEach(() => {
  timers = new TestTimers();
  peers = [];
  asked = [];
  link = new PeerLink({
    timers,
    request: (body, read) =>
      new Promise((resolve, reject) => {
        asked.push({
          body,
          answer: (data) => resolve(read(data)),
          refuse: (code, message) => reject(new SluiceError(code, message)),
        });
      }),
    createPeerConnection: () => {
      const peer = new FakePeerConnection();
      peers.push(peer);
      return peer as unknown as RTCPeerConnection;
    },
  });
});

const stream = (id: string): ForwardStreamInfo => ({
  id,
  type: 'forward',
  media: {
    tracks: [
      { type: 'audio', format: { codec: 'opus' }, optional: {}, status: 'active' },
      { type: 'video', format: { codec: 'vp8' }, optional: {}, status: 'active' },
    ],
  },
  info: { owner: 'somebody', type: 'webrtc', inViews: [] },
});
const media = () => new FakeMediaStream([{ kind: 'audio' }, { kind: 'video' }]) as unknown as MediaStream;
const publish = (options: PublishOptions = {}) => link.publish(media(), options);
const subscribe = (id: string) => link.subscribe(stream(id), {});

/** Takes the requests made since the last call. */
async function requests(): Promise<Asked[]> {
  await settle();
  return asked.splice(0);
}
const offerOf = ({ body }: Asked) => ('offer' in body ? body.offer : undefined);
const kinds = (list: readonly Asked[]) => list.map(({ body }) => body.do);
const ready = (...sessions: readonly string[]) =>
  link.take(sessions.map((session) => ({ type: 'session-ready', transport: 't', session })));

/** Brings a publication up on transport `t`. */
async function up() {
  const publication = publish();
  const [request] = await requests();
  request?.answer({ id: 't', transportId: 't', answer: 'answer' });
  await settle();
  peers.at(-1)?.become('connected');
  ready('t');
  return publication;
}

describe('PeerLink', () => {
  it('asks a mixed stream for a codec, a size and rates', async () => {
    const mixed: MixedStreamInfo = {
      id: 'room-common',
      type: 'mixed',
      media: {
        tracks: [
          { type: 'audio', format: { codec: 'opus' }, optional: {}, status: 'active' },
          {
            type: 'video',
            format: { codec: 'vp8' },
            optional: { format: [{ codec: 'h264', profile: 'CB' }] },
            status: 'active',
          },
        ],
      },
      data: null,
      info: { label: 'common', activeInput: 'unknown', layout: [], origin: { isp: '', region: '' } },
    };
    const parameters = { resolution: { width: 320, height: 240 }, framerate: 15, bitrate: 'x0.4' };
    link.subscribe(mixed, { videoCodec: 'h264', parameters });
    const [request] = await requests();
    expect(request?.body).toMatchObject({
      do: 'subscribe',
      request: {
        media: {
          tracks: [
            { type: 'audio', mid: '0', from: 'room-common' },
            {
              type: 'video',
              mid: '1',
              from: 'room-common',
              format: { codec: 'h264', profile: 'CB' },
              parameters,
            },
          ],
        },
      },
    });
    expect(JSON.stringify(request?.body).match(/"format"/g)).toHaveLength(1);
  });

  it('publishes with the offer in one round trip and is live when told so', async () => {
    const publication = publish({ attributes: { a: 1 } });
    const [request, ...more] = await requests();
    expect(more).toEqual([]);
    expect(request?.body).toEqual({
      do: 'publish',
      request: {
        media: {
          tracks: [
            { type: 'audio', mid: '0', source: 'mic' },
            { type: 'video', mid: '1', source: 'camera' },
          ],
        },
        transport: { type: 'webrtc' },
        attributes: { a: 1 },
      },
      offer: '0:audio:sendonly 1:video:sendonly',
    });
    request?.answer({ id: 't', transportId: 't', answer: 'answer' });
    await settle();
    expect(peers[0]?.answers).toEqual(['answer']);
    expect(publication.state.phase).toBe('connecting');
    ready('t');
    expect(publication.state).toEqual({ phase: 'live', id: 't' });
  });

  it('puts what is asked for in one tick into one offer, once the transport is known', async () => {
    subscribe('a');
    subscribe('b');
    subscribe('c');
    const [first, ...none] = await requests();
    expect(none).toEqual([]);
    first?.answer({ id: 't', transportId: 't', answer: 'one' });
    const rest = await requests();
    expect(kinds(rest)).toEqual(['subscribe', 'subscribe']);
    expect(rest.map(offerOf).map((offer) => offer?.split(' ').length)).toEqual([undefined, 6]);
    expect(rest[0]?.body).toMatchObject({ request: { transport: { id: 't' } } });
  });

  it('knows a session that was told up before its reply came', async () => {
    await up();
    const subscription = subscribe('a');
    const [request] = await requests();
    ready('s1');
    expect(subscription.state.phase).toBe('connecting');
    request?.answer({ id: 's1', transportId: 't', answer: 'two' });
    await settle();
    expect(subscription.state).toEqual({ phase: 'live', id: 's1' });
  });

  it('ends one that the server refused, and still brings up the others of its offer', async () => {
    await up();
    const [kept, refused] = [subscribe('a'), subscribe('b')];
    const [first, second] = await requests();
    first?.answer({ id: 's1', transportId: 't' });
    second?.refuse('forbidden', 'unauthorized');
    const [signal] = await requests();
    expect(refused.state).toEqual({ phase: 'ended', reason: 'unauthorized' });
    expect(signal?.body).toMatchObject({ do: 'signal', transport: 't', signaling: { type: 'offer' } });
    signal?.answer({ answer: 'two' });
    await settle();
    expect(peers[0]?.answers).toEqual(['answer', 'two']);
    ready('s1');
    expect(kept.state.phase).toBe('live');
  });

  it('tries again, on a fresh peer, when the first of all was refused for a passing reason', async () => {
    const publication = publish();
    const [first] = await requests();
    first?.refuse('unavailable', 'No worker');
    await settle();
    expect(publication.state.phase).toBe('connecting');
    expect(peers[0]?.closed).toBe(true);
    await timers.pass(200);
    const [second] = await requests();
    expect(offerOf(second!)).toBe('0:audio:sendonly 1:video:sendonly');
    expect(peers).toHaveLength(2);
  });

  it('gives up on what is refused again and again', async () => {
    const publication = publish();
    for (let turn = 0; turn < 60; turn++) {
      for (const request of await requests()) request.refuse('unavailable', 'No worker');
      await timers.pass(4000);
    }
    expect(publication.state).toEqual({ phase: 'ended', reason: 'No worker' });
  });

  it('removes without an offer and never frees an m-line', async () => {
    const publication = await up();
    publication.stop();
    const gone = await requests();
    expect(gone.map(({ body }) => body)).toEqual([{ do: 'unpublish', request: { id: 't' } }]);
    const again = publish();
    const [request] = await requests();
    expect(offerOf(request!)).toBe('0:audio:inactive 1:video:inactive 2:audio:sendonly 3:video:sendonly');
    expect(peers[0]?.stopped).toBe(0);
    expect(again.state.phase).toBe('connecting');
  });

  it('takes back at the server what was stopped before its reply came', async () => {
    await up();
    const subscription = subscribe('a');
    const [request] = await requests();
    subscription.stop();
    request?.answer({ id: 's1', transportId: 't', answer: 'two' });
    expect((await requests()).map(({ body }) => body)).toEqual([
      { do: 'unsubscribe', request: { id: 's1' } },
    ]);
  });

  it('makes everything anew when the worker is lost, keeping the page’s objects and mutes', async () => {
    const publication = await up();
    const subscription = subscribe('a');
    const stays = subscription.media;
    const [request] = await requests();
    request?.answer({ id: 's1', transportId: 't', answer: 'two' });
    await settle();
    ready('s1');
    const muted = publication.mute('audio');
    (await requests()).forEach((control) => control.answer());
    await muted;

    link.take([
      { type: 'session-ended', transport: 't', session: 't', reason: 'Node lost' },
      { type: 'session-ended', transport: 't', session: 's1', reason: 'Node lost' },
      { type: 'transport-failed', transport: 't', reason: 'Node lost' },
    ]);
    expect(link.state).toEqual({ phase: 'recovering', reason: 'Node lost' });
    expect([publication.state.phase, subscription.state.phase]).toEqual(['recovering', 'recovering']);
    expect(peers[0]?.closed).toBe(true);

    await timers.pass(200);
    expect(peers).toHaveLength(2);
    const [first] = await requests();
    expect(first?.body).toMatchObject({ do: 'publish', request: { transport: { type: 'webrtc' } } });
    first?.answer({ id: 'u', transportId: 'u', answer: 'three' });
    const [second] = await requests();
    expect(second?.body).toMatchObject({ do: 'subscribe', request: { transport: { id: 'u' } } });
    second?.answer({ id: 's2', transportId: 'u', answer: 'four' });
    await settle();
    ready('u', 's2');
    expect([publication.id, subscription.id]).toEqual(['u', 's2']);
    expect(subscription.media).toBe(stays);
    expect((await requests()).map(({ body }) => body)).toEqual([
      { do: 'stream-control', request: { id: 'u', operation: 'pause', data: 'audio' } },
    ]);
  });

  it('does not touch the rest when one session is ended by the server', async () => {
    const publication = await up();
    const subscription = subscribe('a');
    const [request] = await requests();
    request?.answer({ id: 's1', transportId: 't', answer: 'two' });
    await settle();
    link.take([{ type: 'session-ended', transport: 't', session: 's1', reason: 'Source stream loss' }]);
    expect(subscription.state).toEqual({ phase: 'ended', reason: 'Source stream loss' });
    expect(publication.state.phase).toBe('live');
    expect(peers).toHaveLength(1);
  });

  it.each([
    { what: 'failed', afterMs: 0 },
    { what: 'disconnected', afterMs: 5000 },
  ])('makes a new peer when the connection is $what for $afterMs ms', async ({ what, afterMs }) => {
    await up();
    peers[0]?.become(what);
    expect(link.state.phase).toBe(afterMs === 0 ? 'recovering' : 'up');
    await timers.pass(afterMs + 200);
    await requests();
    expect(peers).toHaveLength(2);
  });

  it('leaves a connection alone that was disconnected for a moment', async () => {
    await up();
    peers[0]?.become('disconnected');
    await timers.pass(3000);
    peers[0]?.become('connected');
    await timers.pass(10_000);
    expect(peers).toHaveLength(1);
  });

  it('makes a new peer when a session never comes up', async () => {
    await up();
    subscribe('a');
    const [request] = await requests();
    request?.answer({ id: 's1', transportId: 't', answer: 'two' });
    await settle();
    await timers.pass(16_000);
    await requests();
    expect(peers).toHaveLength(2);
  });

  it('ignores what is told of a transport it has left behind', async () => {
    const publication = await up();
    link.renew();
    await timers.pass(200);
    const [request] = await requests();
    request?.answer({ id: 'u', transportId: 'u', answer: 'again' });
    await settle();
    ready('u');
    link.take([{ type: 'transport-failed', transport: 't', reason: 'closed' }]);
    expect(publication.state).toEqual({ phase: 'live', id: 'u' });
  });

  it('ends the subscriptions of a stream that is gone', async () => {
    await up();
    const subscription = subscribe('a');
    link.streamRemoved('a');
    expect(subscription.state).toEqual({ phase: 'ended', reason: 'Source stream loss' });
  });

  it('keeps what is certain after missing notices, and makes the rest anew', async () => {
    await up();
    const room = (...ids: readonly string[]) => ({
      id: 'room',
      views: [],
      participants: [],
      streams: ids.map(stream),
    });
    link.resync(room('t'));
    expect(link.state.phase).toBe('up');
    link.resync(room());
    expect(link.state.phase).toBe('recovering');
  });

  it('ends everything when closed, and takes nothing after that', async () => {
    const publication = await up();
    link.close('left');
    link.close('left');
    expect(publication.state).toEqual({ phase: 'ended', reason: 'left' });
    expect(subscribe('a').state.phase).toBe('ended');
    expect(await requests()).toEqual([]);
  });
});
