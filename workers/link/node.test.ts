// Owns the tests of links between two workers: real peer connections over loopback, tracks in and out of routers.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Kind } from '../../schemas/media.ts';
import type { LinkStats } from '../../schemas/link.ts';
import { readAudioLevel } from '../rtp/extensions.ts';
import { parseRtp, RtpHeader } from '../rtp/packet.ts';
import type { Payload } from '../routing/payload.ts';
import { Source, type PacketSink } from '../routing/source.ts';
import { testPayload } from '../webrtc/testing/test-media.ts';
import { rtpPacket, vp8Payload } from '../webrtc/testing/test-packets.ts';
import { startProxyBetween, startTestWorker, TestBus, type TestWorker } from './testing/two-workers.ts';
import type { UdpProxy } from './testing/udp-proxy.ts';

const room = 'room';
const nowMs = (): number => performance.timeOrigin + performance.now();

/** What a camera would be to its worker: a source that is fed by hand, and what it is asked. */
class Camera {
  readonly source: Source;
  readonly ssrc: number;
  plis = 0;
  sequence = 65_500;
  frames = 0;
  #keyWanted = true;

  constructor(track: string, kind: Kind = 'video', payload: Payload = testPayload(96, 'vp8'), ssrc = 7) {
    this.ssrc = ssrc;
    this.source = new Source({
      track,
      kind,
      rid: undefined,
      payload,
      redType: undefined,
      feedback: {
        nack: () => undefined,
        pli: () => {
          this.plis++;
          this.#keyWanted = true;
        },
      },
      resized: () => undefined,
      keyFrameEveryMs: 50,
    });
    this.source.bind(ssrc);
  }

  /** One picture of one packet; a key frame when asked. Its payload ends with its number. */
  frame(elements?: Record<number, Uint8Array>): void {
    const key = this.#keyWanted;
    this.#keyWanted = false;
    this.frames++;
    this.sequence = (this.sequence + 1) & 0xffff;
    const number = Buffer.alloc(2);
    number.writeUInt16BE(this.sequence);
    const payload = Buffer.concat([vp8Payload(key, this.sequence & 0x7fff), number]);
    const bytes = rtpPacket({
      type: this.source.payload.type,
      ssrc: this.source.ssrc ?? 0,
      sequence: this.sequence,
      timestamp: this.sequence * 3000,
      payload,
      ...(elements ? { elements } : {}),
    });
    const header = new RtpHeader();
    if (parseRtp(bytes, header)) this.source.receive(bytes, header, nowMs(), false);
    this.source.tick(nowMs());
  }
}

/** What takes a track from a router, such as a subscriber's sink or a mixer's tap. */
class Taker implements PacketSink {
  /** Numbers at the end of the payloads, and of the packets. */
  readonly numbers: number[] = [];
  readonly sequences: number[] = [];
  readonly packets: Uint8Array[] = [];
  source: Source | undefined;
  waiting = false;
  ends = 0;

  select(source: Source): void {
    this.source?.remove(this);
    this.source = source;
    source.add(this);
  }

  forward(_: Source, packet: { payload: Uint8Array; sequence: number; bytes: Uint8Array }): void {
    this.numbers.push(Buffer.from(packet.payload).readUInt16BE(packet.payload.length - 2));
    this.sequences.push(packet.sequence);
    this.packets.push(packet.bytes);
  }

  awaits(): boolean {
    return this.waiting;
  }

  refresh(): void {
    // It takes whatever comes.
  }

  ended(): void {
    this.ends++;
    this.source = undefined;
  }
}

describe('links between two workers', { timeout: 60_000 }, () => {
  let bus: TestBus;
  let a: TestWorker;
  let b: TestWorker;
  let proxy: UdpProxy | undefined;
  let version: number;
  let timers: NodeJS.Timeout[];

  beforeEach(async () => {
    bus = new TestBus();
    a = await startTestWorker('a', bus);
    b = await startTestWorker('b', bus);
    proxy = undefined;
    version = 0;
    timers = [];
  });

  afterEach(async () => {
    halt();
    await a.close();
    await b.close();
    proxy?.close();
    expect([...a.errors, ...b.errors]).toEqual([]);
  });

  /** `tracks` of a go to b. */
  const want = (
    tracks: readonly string[],
    kind: Kind = 'video',
    on: readonly TestWorker[] = [a, b],
    home?: string,
  ): void => {
    version++;
    const crossing = tracks.map((track) => ({ track, kind }));
    for (const worker of on) {
      const link =
        worker === a
          ? { peer: 'b', incoming: [], outgoing: crossing }
          : { peer: 'a', incoming: crossing, outgoing: [] };
      worker.links.apply({
        room: home === undefined ? room : `${room} of ${home}`,
        ...(home === undefined ? {} : { home }),
        version,
        transports: [],
        mixers: [],
        ...(tracks.length === 0 ? {} : { links: [link] }),
      });
    }
  };

  const until = async (condition: () => boolean, what: string, withinMs = 30_000): Promise<void> => {
    const end = performance.now() + withinMs;
    while (!condition()) {
      if (performance.now() > end) throw new Error(`not in time: ${what}`);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  };

  const stats = (worker: TestWorker): LinkStats => {
    const [only] = worker.links.stats();
    if (!only) throw new Error('there is no link');
    return only;
  };

  const film = (
    track: string,
    everyMs = 10,
    payload?: Payload,
    ssrc?: number,
    kind: Kind = 'video',
  ): Camera => {
    const camera = new Camera(track, kind, payload, ssrc);
    a.routers.of(room).publish(camera.source, nowMs());
    timers.push(setInterval(() => camera.frame(), everyMs));
    return camera;
  };

  /** All cameras stop. */
  const halt = (): void => {
    for (const timer of timers) clearInterval(timer);
  };

  const take = (track: string): Taker => {
    const taker = new Taker();
    b.routers.of(room).subscribe(track, taker, nowMs());
    return taker;
  };

  it('begin in the home of any of their rooms: one that is away keeps them from nothing', async () => {
    bus.away.add('west');
    for (const home of ['west', 'east']) want([`t of ${home}`], 'video', [a, b], home);
    for (const home of ['west', 'east']) {
      const camera = new Camera(`t of ${home}`);
      a.routers.of(`${room} of ${home}`).publish(camera.source, nowMs());
      timers.push(setInterval(() => camera.frame(), 10));
    }
    const takers = ['west', 'east'].map((home) => {
      const taker = new Taker();
      b.routers.of(`${room} of ${home}`).subscribe(`t of ${home}`, taker, nowMs());
      return taker;
    });
    await until(() => takers.every(({ numbers }) => numbers.length >= 5), 'packets of both rooms come');
    expect(new Set(bus.requests.map(({ channel }) => channel.split('@')[1]))).toEqual(
      new Set(['west', 'east']),
    );
  });

  it('carry a track once to all who take it, from a key frame on and without a gap', async () => {
    const camera = film('t');
    await until(() => camera.frames > 5, 'its first key frame is over');
    want(['t']);
    const takers = [take('t'), take('t'), take('t')];
    await until(() => takers.every(({ numbers }) => numbers.length >= 50), 'packets come');
    halt();
    await until(
      () => takers.every(({ numbers }) => numbers.length === stats(a).sent.packets),
      'the last one comes',
    );
    for (const { numbers, sequences, source } of takers) {
      for (const list of [numbers, sequences]) {
        const steps = list.slice(1).map((each, index) => (each - (list[index] ?? 0)) & 0xffff);
        expect(new Set(steps)).toEqual(new Set([1]));
      }
      expect(source?.resolution).toEqual({ width: 640, height: 480 });
    }
    expect(stats(b).received.packets).toBe(stats(a).sent.packets);
    expect(camera.plis).toBe(1);
    const offers = bus.requests.filter(({ message }) => JSON.stringify(message).includes('"offer"'));
    expect(offers).toHaveLength(1);
  });

  it('take key frame requests of who takes a track to who makes it', async () => {
    want(['t']);
    const camera = film('t');
    const taker = take('t');
    await until(() => taker.numbers.length > 20, 'packets come');
    const before = camera.plis;
    taker.source?.requestKeyFrame(nowMs());
    await until(() => camera.plis > before, 'the camera is asked');
    expect(stats(a).sent.plis).toBeGreaterThan(0);
  });

  it.each(['video', 'audio'] as const)('repair what is lost of %s on the way', async (kind) => {
    proxy = await startProxyBetween(bus, a, b);
    want(['t'], kind);
    film('t', 5, testPayload(96, kind === 'video' ? 'vp8' : 'opus'), 7, kind);
    const taker = take('t');
    await until(() => taker.numbers.length > 20, 'packets come');
    expect(proxy.relayed).toBeGreaterThan(20);
    proxy.loss = 0.05;
    const from = taker.numbers.length;
    await until(() => taker.numbers.length > from + 600, 'packets come all the same');
    proxy.loss = 0;
    const last = taker.numbers.at(-1);
    await until(() => taker.numbers.at(-1) !== last && stats(b).received.nacks > 0, 'the loss was seen');
    const seen = new Set(taker.numbers.slice(from, from + 550));
    const first = taker.numbers[from] ?? 0;
    const missing = Array.from({ length: 500 }, (_, index) => (first + index) & 0xffff).filter(
      (number) => !seen.has(number) && !taker.numbers.includes(number),
    );
    expect(proxy.dropped).toBeGreaterThan(10);
    expect(missing).toEqual([]);
    const { received, lossFraction } = stats(b);
    expect(received.retransmissions).toBeGreaterThan(5);
    expect(lossFraction).toBe(0);
    expect(stats(a).sent.packetsLost).toBeGreaterThan(0);
  });

  it('come back by themselves when the way was cut, and go on with the same source', async () => {
    proxy = await startProxyBetween(bus, a, b);
    want(['t']);
    film('t');
    const taker = take('t');
    await until(() => taker.numbers.length > 20, 'packets come');
    const { source } = taker;
    const ssrc = source?.ssrc;
    proxy.cut = true;
    await until(() => stats(a).state !== 'up' && stats(b).state !== 'up', 'both ends see it');
    const before = taker.numbers.length;
    proxy.cut = false;
    await until(() => taker.numbers.length > before + 20, 'packets come again');
    expect(taker.source).toBe(source);
    // Another stream of it, from a key frame on: what was lost meanwhile is not asked for.
    expect(source?.ssrc).not.toBe(ssrc);
    expect(taker.ends).toBe(0);
    expect(stats(a).connections).toBe(2);
    expect(stats(b).connections).toBe(2);
  });

  it.each([['offers', 'a'] as const, ['does not offer', 'b'] as const])(
    'come back when the worker that %s begins anew',
    async (_case, which) => {
      want(['t']);
      film('t');
      const taker = take('t');
      await until(() => taker.numbers.length > 20, 'packets come');
      const worker = which === 'a' ? a : b;
      worker.restartLinks();
      version--;
      want(['t'], 'video', [worker]);
      const before = taker.numbers.length;
      await until(() => taker.numbers.length > before + 20, 'packets come again');
      expect(stats(a).state).toBe('up');
    },
  );

  it('wait for a worker that cannot be reached yet', async () => {
    bus.cut = true;
    want(['t']);
    film('t');
    const taker = take('t');
    await until(() => bus.requests.length > 3, 'it is tried again');
    bus.cut = false;
    await until(() => taker.numbers.length > 20, 'packets come');
  });

  it('are not begun twice by the same document, nor by an older one', async () => {
    want(['t']);
    film('t');
    const taker = take('t');
    await until(() => taker.numbers.length > 20, 'packets come');
    version--;
    want(['t']);
    version -= 2;
    want([]);
    const before = taker.numbers.length;
    await until(() => taker.numbers.length > before + 20, 'packets still come');
    expect(stats(a).connections).toBe(1);
  });

  it('are not begun by a document that is older than one without them', () => {
    const transports = [{ id: 't', participant: 'p', publications: [], subscriptions: [] }];
    const links = [{ peer: 'b', incoming: [], outgoing: [{ track: 't', kind: 'video' as const }] }];
    const document = { room, transports, mixers: [] };
    a.links.apply({ ...document, version: 2 });
    a.links.apply({ ...document, version: 1, links });
    expect(a.links.stats()).toEqual([]);
    a.links.apply({ ...document, version: 3, links });
    expect(a.links.stats()).toHaveLength(1);
  });

  it('end a track that is not wanted any more, and begin it again over the same connection', async () => {
    want(['t', 'u']);
    film('t');
    film('u', 10, undefined, 8);
    const [t, u] = [take('t'), take('u')];
    await until(() => t.numbers.length > 20 && u.numbers.length > 20, 'packets come');
    want(['u']);
    expect(t.ends).toBe(1);
    expect(b.routers.of(room).source('t')).toBeUndefined();
    const before = t.numbers.length;
    want(['t', 'u']);
    await until(() => t.numbers.length > before + 20, 'packets come again');
    expect(stats(a).connections).toBe(1);
    expect(stats(a).sent.packets).toBeGreaterThanOrEqual(stats(b).received.packets);
  });

  it('know a room again that was forgotten on one end only', async () => {
    want(['t']);
    film('t');
    const taker = take('t');
    await until(() => taker.numbers.length > 20, 'packets come');
    want([], 'video', [b]);
    expect(taker.ends).toBe(1);
    want(['t'], 'video', [b]);
    const before = taker.numbers.length;
    await until(() => taker.numbers.length > before + 20, 'packets come again');
  });

  it('follow a source that is replaced by one in another format, and one that ends', async () => {
    want(['t']);
    const first = film('t');
    const taker = take('t');
    await until(() => taker.numbers.length > 20, 'packets come');
    expect(taker.source?.payload.type).toBe(96);
    a.routers.of(room).unpublish(first.source);
    await until(() => taker.source === undefined, 'its end is told');
    film('t', 10, {
      ...testPayload(100, 'vp8'),
      fmtp: 'max-fr=30',
      parameters: new Map([['max-fr', '30']]),
    });
    await until(() => taker.source?.payload.type === 100, 'the other one is there');
    expect(taker.source?.payload).toMatchObject({ name: 'vp8', clockRate: 90_000, fmtp: 'max-fr=30' });
    expect(taker.source?.payload.parameters.get('max-fr')).toBe('30');
    const before = taker.numbers.length;
    await until(() => taker.numbers.length > before + 20, 'its packets come');
  });

  it('stop with a paused source and go on with its next key frame', async () => {
    want(['t']);
    const camera = film('t');
    const taker = take('t');
    await until(() => taker.numbers.length > 20, 'packets come');
    camera.source.setPaused(true);
    const sent = stats(a).sent.packets;
    const { frames } = camera;
    await until(() => camera.frames > frames + 10, 'pictures are made and not sent');
    expect(stats(a).sent.packets).toBe(sent);
    await until(() => taker.sequences.length === sent, 'all that was sent has come');
    camera.source.setPaused(false);
    await until(() => taker.numbers.length > sent + 20, 'packets come again');
    const steps = taker.sequences
      .slice(1)
      .map((each, index) => (each - (taker.sequences[index] ?? 0)) & 0xffff);
    expect(new Set(steps)).toEqual(new Set([1]));
  });

  it('tell the clock of a source: the same time for the same timestamp', async () => {
    want(['t']);
    const camera = film('t');
    const taker = take('t');
    await until(() => taker.numbers.length > 5, 'packets come');
    const report = {
      ntpHigh: 3_900_000_000,
      ntpLow: 0x8000_0000,
      rtpTimestamp: 12_345,
      packets: 1,
      octets: 1,
    };
    camera.source.senderReport({ type: 'sender-report', ssrc: 7, reports: [], ...report }, nowMs());
    await until(() => taker.source?.heard !== undefined, 'the report comes');
    const heard = taker.source?.heard?.report;
    const packet = taker.packets.at(-1) ?? new Uint8Array();
    const header = new RtpHeader();
    parseRtp(packet, header);
    const number = taker.numbers.at(-1) ?? 0;
    // Our timestamps are the camera's moved by a constant, here and in the report.
    const offset = (header.timestamp - number * 3000) >>> 0;
    const seconds = (heard?.ntpHigh ?? 0) - report.ntpHigh + ((heard?.ntpLow ?? 0) - report.ntpLow) / 2 ** 32;
    const ticks = ((heard?.rtpTimestamp ?? 0) - offset - report.rtpTimestamp) | 0;
    expect(Math.abs(ticks - seconds * 90_000)).toBeLessThan(100);
  });

  it('carry the level of sound and its redundancy', async () => {
    want(['s'], 'audio');
    const camera = new Camera('s', 'audio', testPayload(111, 'opus', 48_000, 2));
    camera.source.audioLevelId = 5;
    a.routers.of(room).publish(camera.source, nowMs());
    timers.push(setInterval(() => camera.frame({ 5: Uint8Array.of(0x80 | 42) }), 10));
    const taker = take('s');
    await until(() => taker.packets.length > 5, 'packets come');
    expect(taker.source?.audioLevelId).toBe(1);
    const header = new RtpHeader();
    const packet = taker.packets.at(-1) ?? new Uint8Array();
    parseRtp(packet, header);
    expect(readAudioLevel(packet, header, 1)).toBe(0x80 | 42);
  });

  it('know their round trip, their way’s capacity and what crossed', async () => {
    want(['t']);
    film('t');
    const taker = take('t');
    await until(() => stats(a).rttMs !== undefined && stats(b).rttMs !== undefined, 'it is known');
    await until(() => stats(a).availableBps !== undefined && taker.numbers.length > 20, 'feedback comes');
    expect(stats(a).rttMs).toBeLessThan(1000);
    expect(stats(a)).toMatchObject({ peer: 'b', state: 'up', connections: 1, incoming: [] });
    expect(stats(a).outgoing).toEqual([expect.objectContaining({ room, track: 't' })]);
    expect(stats(b).incoming).toEqual([expect.objectContaining({ room, track: 't' })]);
    expect(stats(b).received.bytes).toBeGreaterThan(20 * 30);
  });

  it('refuse what comes of no link, of another connection, and offers from who is not to offer', async () => {
    await expect(b.links.signal('x', { type: 'wanted' })).rejects.toMatchObject({ code: 'not-found' });
    want(['t']);
    await until(() => stats(b).state === 'up', 'the link is up');
    await expect(b.links.signal('a', { type: 'sources', session: 'other', rooms: [] })).rejects.toMatchObject(
      { code: 'not-found' },
    );
    const credentials = {
      iceUfrag: 'abcd',
      icePwd: 'x'.repeat(22),
      fingerprint: `sha-256 ${Array.from({ length: 32 }, () => '00').join(':')}`,
      ssrc: 1,
    };
    await expect(a.links.signal('b', { type: 'offer', session: 's', credentials })).rejects.toMatchObject({
      code: 'bad-request',
    });
    expect(stats(b).state).toBe('up');
  });
});
