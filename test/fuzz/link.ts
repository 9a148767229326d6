// Owns the fuzz target for links: what another worker could send over a connection, and say over the bus.
import * as v from 'valibot';
import { linkSignalSchema } from '../../schemas/link.ts';
import { parseRtp, RtpHeader } from '../../workers/rtp/packet.ts';
import { Router } from '../../workers/routing/router.ts';
import { Source } from '../../workers/routing/source.ts';
import { payloadOf } from '../../workers/link/linked-source.ts';
import { RoomTracks } from '../../workers/link/room-tracks.ts';
import { Session } from '../../workers/link/session.ts';
import { createMediaRim } from '../../workers/webrtc/media-rim.ts';
import { hostileBytes, integer, must } from './hostile-bytes.ts';
import type { FuzzTarget } from './target.ts';

const wanted = ['a', 'b', 'c'];
/** A lost packet is asked for at most so often, and a repair sent at most so often, for each packet that comes in. */
const mostSent = 3000;

const packet = (type: number, ssrc: number): number[] => [
  0x90,
  type,
  0,
  1,
  0,
  0,
  0,
  1,
  0,
  0,
  0,
  ssrc,
  0xbe,
  0xde,
  0,
  1,
  0x21,
  0,
  1,
  0,
  0x10,
  0,
];
const report = (type: number, format: number, ssrc: number): number[] => [
  0x80 | format,
  type,
  0,
  3,
  0,
  0,
  0,
  9,
  0,
  0,
  0,
  ssrc,
  0,
  1,
  0xff,
  0xff,
];

export const linkTarget: FuzzTarget = {
  name: 'link',
  run(random, iterations) {
    const none = (): (() => void) => () => undefined;
    const log = { info: () => undefined, warn: () => undefined, error: () => undefined };
    const rim = createMediaRim({
      clock: { now: () => 0, after: none, every: none },
      log,
      udpPort: 1,
      bindAddress: undefined,
      announcedAddresses: [],
      silenceMs: 1000,
    });
    let sent = 0;
    const send = (): boolean => {
      sent++;
      return true;
    };
    let nowMs = 1_000_000;
    const session = new Session({ rim: { ...rim, nowMs: () => nowMs }, ownSsrc: 8, peerSsrc: 9, send });
    const router = new Router();
    const tracks = new RoomTracks({
      room: 'r',
      router,
      outlet: {
        up: true,
        transportCc: session.transportCc,
        scratch: rim.scratch,
        repairs: session.repairs,
        send,
        random32: () => 1 + integer(random, 6),
      },
      feedback: {
        nack: (ssrc, sequences) => session.nack(ssrc, sequences),
        pli: (ssrc) => session.pli(ssrc),
      },
      changed: () => undefined,
    });
    const crossing = wanted.map((track) => ({ track, kind: 'video' as const }));
    tracks.want({ incoming: crossing, outgoing: [{ track: 'o', kind: 'video' }] }, nowMs);
    const own = ownSource();
    router.publish(own, nowMs);
    for (let round = 0; round < iterations; round++) {
      nowMs += random() * 40;
      const before = sent;
      const signal = v.safeParse(linkSignalSchema, hostileSignal(random));
      if (signal.success && signal.output.type === 'sources') {
        for (const { sources } of signal.output.rooms) tracks.follow(sources, nowMs);
      }
      session.route([tracks]);
      feed(own, random, round, nowMs);
      const ssrc = integer(random, 10);
      session.receiveRtp(Buffer.from(hostileBytes(random, packet(integer(random, 256), ssrc), 40)));
      const feedback = report(200 + integer(random, 7), integer(random, 16), ssrc);
      session.receiveRtcp(Buffer.from(hostileBytes(random, feedback, 60)));
      session.tick(nowMs);
      must(sent - before <= mostSent, 'what is sent in answer is bounded');
      must(router.source('x') === undefined, 'nothing comes in that is not wanted');
    }
    tracks.close();
    must(
      wanted.every((track) => router.source(track) === undefined),
      'nothing stays behind',
    );
  },
};

function ownSource(): Source {
  const payload = { type: 96, name: 'vp8', clockRate: 90_000, map: 'VP8/90000', fmtp: '', parameters: {} };
  const described = { track: 'o', kind: 'video', ssrc: 7, rtxSsrc: 6, payload, audioLevel: false } as const;
  const source = new Source({
    track: 'o',
    kind: 'video',
    rid: undefined,
    payload: payloadOf(described),
    redType: undefined,
    feedback: { nack: () => undefined, pli: () => undefined },
    resized: () => undefined,
  });
  source.bind(7);
  return source;
}

function feed(source: Source, random: () => number, round: number, nowMs: number): void {
  const header = new RtpHeader();
  const bytes = hostileBytes(random, packet(96, 7), 30);
  if (bytes.length > 3) bytes.set([(round >> 8) & 0xff, round & 0xff], 2);
  if (parseRtp(bytes, header)) source.receive(bytes, header, nowMs, false);
}

/** Often what another worker might say, with something wrong in it now and then. */
function hostileSignal(random: () => number): unknown {
  const odd = (value: unknown): unknown =>
    random() < 0.03
      ? ([undefined, null, -1, '', 'x'.repeat(2000), {}, [], Number.NaN][integer(random, 8)] ?? 0)
      : value;
  const sources = Array.from({ length: integer(random, 4) }, () => ({
    track: odd([...wanted, 'x'][integer(random, 4)]),
    kind: odd(random() < 0.8 ? 'video' : 'audio'),
    ssrc: odd(integer(random, 10)),
    rtxSsrc: odd(integer(random, 10)),
    payload: odd({
      type: odd(integer(random, 128)),
      name: odd(['vp8', 'h264', 'opus', 'x'][integer(random, 4)]),
      clockRate: odd(90_000),
      map: odd('VP8/90000'),
      fmtp: odd(''),
      parameters: odd({}),
    }),
    audioLevel: odd(random() < 0.5),
  }));
  return { type: odd('sources'), session: odd('s'), rooms: odd([{ room: odd('r'), sources: odd(sources) }]) };
}
