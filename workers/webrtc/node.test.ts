import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type {
  DesiredPublication,
  DesiredSubscription,
  DesiredTransport,
  Format,
  ReportItem,
} from '../../schemas/worker.ts';
import type { Clock, Log } from '../clock.ts';
import { Routers } from '../routing/routers.ts';
import { createWebRtcNode, type WebRtcNode } from './node.ts';
import { StumblingPath } from './testing/stumbling-path.ts';
import { TestClient, type OfferedLine } from './testing/test-client.ts';
import { rtpPacket, vp8Payload } from './testing/test-packets.ts';

const clock: Clock = {
  now: Date.now,
  after: (ms, callback) => {
    const timer = setTimeout(callback, ms);
    return () => {
      clearTimeout(timer);
    };
  },
  every: (ms, callback) => {
    const timer = setInterval(callback, ms);
    return () => {
      clearInterval(timer);
    };
  },
};

const opus: Format = { codec: 'opus', sampleRate: 48_000, channelNum: 2 };
const vp8: Format = { codec: 'vp8' };
type Desired = Record<string, { publications?: DesiredPublication[]; subscriptions?: DesiredSubscription[] }>;

const publication = (id: string, mid: string, format: Format = vp8, paused = false): DesiredPublication => ({
  id,
  tracks: [{ mid, kind: format === opus ? 'audio' : 'video', formats: [format], paused }],
});
const subscription = (id: string, mid: string, track: string, paused = false): DesiredSubscription => ({
  id,
  tracks: [{ mid, kind: 'video', from: track, formats: [vp8], preference: 'formats', paused }],
});

describe('a WebRTC node', () => {
  let node: WebRtcNode;
  let version: number;
  let reports: ReportItem[];
  let errors: string[];
  let clients: TestClient[];
  let changed: () => void;

  const start = async (silenceMs: number, time = clock): Promise<void> => {
    const log: Log = {
      info: () => undefined,
      warn: () => undefined,
      error: (message) => errors.push(message),
    };
    node = await createWebRtcNode({
      routers: new Routers(),
      settings: { bindAddress: '127.0.0.1', silenceMs },
      clock: time,
      log,
      report: (_, items) => {
        reports.push(...items);
        changed();
      },
    });
  };

  beforeEach(async () => {
    version = 0;
    reports = [];
    errors = [];
    clients = [];
    changed = () => undefined;
    await start(15_000);
  });

  afterEach(async () => {
    for (const client of clients) client.close();
    await node.close();
    expect(errors).toEqual([]);
  });

  const want = (desired: Desired): number => {
    version++;
    const transports: DesiredTransport[] = Object.entries(desired).map(([id, sessions]) => ({
      id,
      participant: 'someone',
      publications: sessions.publications ?? [],
      subscriptions: sessions.subscriptions ?? [],
    }));
    node.apply({ room: 'room', version, transports, mixers: [] });
    return version;
  };

  const negotiate = async (
    transport: string,
    lines: OfferedLine[],
    client = new TestClient(),
  ): Promise<{ client: TestClient; answer: string }> => {
    if (!clients.includes(client)) clients.push(client);
    const sdp = await client.offer(lines);
    const { answer = '' } = await node.signal('room', transport, version, { type: 'offer', sdp });
    client.accept(answer);
    await client.open();
    return { client, answer };
  };

  const reported = async (type: ReportItem['type'], count = 1): Promise<ReportItem[]> => {
    const found = (): ReportItem[] => reports.filter((item) => item.type === type);
    while (found().length < count) {
      await new Promise<void>((resolve) => {
        changed = resolve;
      });
    }
    return found();
  };

  /** A publisher of one video track under SSRC 1000, and what sends its frames. */
  const publisher = async (
    line: Partial<OfferedLine> = { ssrc: 1000 },
  ): Promise<{ client: TestClient; frame: (key: boolean, sequence: number) => void }> => {
    const { client } = await negotiate('p', [{ mid: '0', kind: 'video', direction: 'sendonly', ...line }]);
    await reported('publication-ready');
    return {
      client,
      frame: (key, sequence) => {
        client.send(
          rtpPacket({
            type: 96,
            ssrc: 1000,
            sequence,
            timestamp: sequence * 3000,
            payload: vp8Payload(key, sequence & 0x7fff),
          }),
        );
      },
    };
  };
  const ssrcOf = (answer: string): number => Number(/a=ssrc:(\d+) cname/.exec(answer)?.[1]);

  it('portal-protocol#8 reports a transport and its sessions ready once they are negotiated and connected', async () => {
    want({ p: { publications: [publication('pub', '0')] } });
    await publisher();
    expect(reports).toEqual([
      { type: 'transport-ready', transport: 'p' },
      {
        type: 'publication-ready',
        publication: 'pub',
        tracks: [{ id: 'p-0', kind: 'video', mid: '0', format: { codec: 'vp8' } }],
      },
    ]);
  });

  it('forwards from a key frame on, and asks the publisher for one', async () => {
    const pub = { publications: [publication('pub', '0')] };
    want({ p: pub });
    const { client, frame } = await publisher();
    frame(true, 10);
    want({ p: pub, s: { subscriptions: [subscription('sub', '0', 'p-0')] } });
    const { client: receiver, answer } = await negotiate('s', [
      { mid: '0', kind: 'video', direction: 'recvonly' },
    ]);
    await reported('subscription-ready');
    frame(false, 11);
    await client.until(() => client.feedback.some((packet) => packet.type === 'pli'));
    frame(true, 12);
    frame(false, 13);
    await receiver.until(() => receiver.packets.length >= 2);
    expect(receiver.packets.map(({ ssrc }) => ssrc)).toEqual([ssrcOf(answer), ssrcOf(answer)]);
    const [first, second] = receiver.packets;
    expect(first?.payload.subarray(4)).toEqual(vp8Payload(true).subarray(4));
    expect(((second?.sequence ?? 0) - (first?.sequence ?? 0)) & 0xffff).toBe(1);
    expect(((second?.timestamp ?? 0) - (first?.timestamp ?? 0)) >>> 0).toBe(3000);
  });

  it('tells what an answer settled on, once, and carries what is named for it then', async () => {
    const pub = { publications: [publication('pub', '0')] };
    const tracks = [
      {
        mid: '0',
        kind: 'video' as const,
        formats: [{ codec: 'h264' as const, profile: 'CB' as const }, vp8],
        preference: 'offer' as const,
        paused: false,
      },
    ];
    want({ p: pub, s: { subscriptions: [{ id: 'sub', tracks }] } });
    const { frame } = await publisher();
    const line = { mid: '0', kind: 'video', direction: 'recvonly' } as const;
    const { client: receiver } = await negotiate('s', [line]);
    await reported('subscription-ready');
    await negotiate('s', [line], receiver);
    expect(reports.filter(({ type }) => type === 'subscription-negotiated')).toEqual([
      { type: 'subscription-negotiated', subscription: 'sub', tracks: [{ mid: '0', format: vp8 }] },
    ]);
    want({ p: pub, s: { subscriptions: [subscription('sub', '0', 'p-0')] } });
    frame(true, 1);
    await receiver.until(() => receiver.packets.length === 1);
  });

  it('tells the picture size once it is known', async () => {
    want({ p: { publications: [publication('pub', '0')] } });
    const { frame } = await publisher();
    frame(true, 1);
    const [change] = await reported('publication-changed');
    expect(change).toMatchObject({ tracks: [{ id: 'p-0', resolution: { width: 640, height: 480 } }] });
  });

  it('asks the publisher for lost packets and reports what it received', async () => {
    want({ p: { publications: [publication('pub', '0')] } });
    const { client, frame } = await publisher();
    frame(true, 1);
    frame(false, 3);
    await client.until(() => client.feedback.some((packet) => packet.type === 'nack'));
    expect(client.feedback.find((packet) => packet.type === 'nack')).toMatchObject({
      mediaSsrc: 1000,
      sequences: [2],
    });
    await client.until(() =>
      client.feedback.some((packet) => packet.type === 'receiver-report' && packet.reports.length > 0),
    );
  });

  it('answers a subscriber that misses packets by retransmission', async () => {
    const pub = { publications: [publication('pub', '0')] };
    want({ p: pub, s: { subscriptions: [subscription('sub', '0', 'p-0')] } });
    const { frame } = await publisher();
    const { client: receiver, answer } = await negotiate('s', [
      { mid: '0', kind: 'video', direction: 'recvonly' },
    ]);
    await reported('subscription-ready');
    frame(true, 1);
    frame(false, 2);
    await receiver.until(() => receiver.packets.length >= 2);
    const missed = receiver.packets[1]?.sequence ?? 0;
    const nack = Buffer.alloc(16);
    nack.writeUInt32BE(0x81cd0003, 0);
    nack.writeUInt32BE(7, 4);
    nack.writeUInt32BE(ssrcOf(answer), 8);
    nack.writeUInt16BE(missed, 12);
    // A compound without a report in front is what browsers send after a=rtcp-rsize.
    await new Promise((resolve) => setTimeout(resolve, 20));
    receiver.send(nack);
    await receiver.until(() => receiver.packets.some(({ payloadType }) => payloadType === 97));
    const repeat = receiver.packets.find(({ payloadType }) => payloadType === 97);
    expect(repeat?.payload.readUInt16BE(0)).toBe(missed);
    expect(repeat?.payload.subarray(2)).toEqual(receiver.packets[1]?.payload);
  });

  it('gives transport-wide feedback for what carries the extension', async () => {
    want({ p: { publications: [publication('pub', '0')] } });
    const { client } = await publisher();
    for (let sequence = 0; sequence < 5; sequence++) {
      client.send(
        rtpPacket({
          type: 96,
          ssrc: 1000,
          sequence,
          timestamp: 0,
          elements: { 3: Uint8Array.from([0, sequence]) },
          payload: vp8Payload(true),
        }),
      );
    }
    await client.until(() => client.feedback.some((packet) => packet.type === 'transport-feedback'));
  });

  it('finds simulcast layers by their rid and switches between them', async () => {
    const pub = { publications: [publication('pub', '0')] };
    const sub = (rid: string): Desired => ({
      p: pub,
      s: { subscriptions: [subscription('sub', '0', `p-0:${rid}`)] },
    });
    want(sub('q'));
    const { client } = await publisher({ rids: ['q', 'f'] });
    expect(reports.find((item) => item.type === 'publication-ready')).toMatchObject({
      tracks: [{ id: 'p-0:q' }, { id: 'p-0:f' }],
    });
    const { client: receiver } = await negotiate('s', [{ mid: '0', kind: 'video', direction: 'recvonly' }]);
    await reported('subscription-ready');
    const frame = (rid: string, sequence: number, width: number): void => {
      client.send(
        rtpPacket({
          type: 96,
          ssrc: rid === 'q' ? 51 : 52,
          sequence,
          timestamp: sequence * 3000,
          elements: { 4: '0', 10: rid },
          payload: vp8Payload(true, sequence, width),
        }),
      );
    };
    // What is forwarded comes last, so that the other has come too when it is there.
    frame('f', 1, 1280);
    frame('q', 1, 320);
    await receiver.until(() => receiver.packets.length === 1);
    expect(receiver.packets[0]?.payload.readUInt16LE(10)).toBe(320);
    want(sub('f'));
    frame('q', 2, 320);
    frame('f', 2, 1280);
    frame('q', 3, 320);
    await receiver.until(() => receiver.packets.length === 3);
    expect(receiver.packets.map(({ payload }) => payload.readUInt16LE(10))).toEqual([320, 320, 1280]);
    const [first, , last] = receiver.packets;
    expect(((last?.sequence ?? 0) - (first?.sequence ?? 0)) & 0xffff).toBe(2);
    expect(last?.ssrc).toBe(first?.ssrc);
  });

  it('portal-protocol#14 stops a removed subscription at once and answers its m-line inactive later', async () => {
    const pub = { publications: [publication('pub', '0')] };
    want({ p: pub, s: { subscriptions: [subscription('sub', '0', 'p-0')] } });
    const { frame } = await publisher();
    const lines: OfferedLine[] = [{ mid: '0', kind: 'video', direction: 'recvonly' }];
    const { client: receiver } = await negotiate('s', lines);
    await reported('subscription-ready');
    frame(true, 1);
    await receiver.until(() => receiver.packets.length === 1);
    want({ p: pub, s: {} });
    frame(true, 2);
    want({ p: pub, s: { subscriptions: [subscription('again', '1', 'p-0')] } });
    const { answer } = await negotiate(
      's',
      [...lines, { mid: '1', kind: 'video', direction: 'recvonly' }],
      receiver,
    );
    expect(answer.split('m=').map((part) => /a=(inactive|sendonly)/.exec(part)?.[1])).toEqual([
      undefined,
      'inactive',
      'sendonly',
    ]);
    await reported('subscription-ready', 2);
    frame(true, 3);
    await receiver.until(() => receiver.packets.length === 2);
    expect(receiver.packets[1]?.ssrc).toBe(ssrcOf(answer));
  });

  it('completes all sessions registered before one offer, each by itself', async () => {
    want({
      p: {
        publications: [publication('good', '0'), publication('bad', '1', { codec: 'h265' })],
        subscriptions: [subscription('own', '2', 'p-0')],
      },
    });
    await negotiate('p', [
      { mid: '0', kind: 'video', direction: 'sendonly', ssrc: 1000 },
      { mid: '1', kind: 'video', direction: 'sendonly', ssrc: 1001 },
      { mid: '2', kind: 'video', direction: 'recvonly' },
    ]);
    await reported('subscription-ready');
    expect(reports.map((item) => item.type).sort()).toEqual([
      'publication-failed',
      'publication-ready',
      'subscription-negotiated',
      'subscription-ready',
      'transport-ready',
    ]);
    expect(reports).toContainEqual({
      type: 'publication-failed',
      publication: 'bad',
      reason: 'Video format unacceptable',
    });
  });

  it('receives but does not forward while a publication is paused, and resumes with a key frame', async () => {
    const doc = (paused: boolean): Desired => ({
      p: { publications: [publication('pub', '0', vp8, paused)] },
      s: { subscriptions: [subscription('sub', '0', 'p-0')] },
    });
    want(doc(false));
    const { client, frame } = await publisher();
    const { client: receiver } = await negotiate('s', [{ mid: '0', kind: 'video', direction: 'recvonly' }]);
    await reported('subscription-ready');
    frame(true, 1);
    await receiver.until(() => receiver.packets.length === 1);
    want(doc(true));
    frame(true, 2);
    frame(false, 3);
    await client.until(() =>
      client.feedback.some((packet) => packet.type === 'receiver-report' && packet.reports.length > 0),
    );
    client.feedback.length = 0;
    want(doc(false));
    await client.until(() => client.feedback.some((packet) => packet.type === 'pli'));
    frame(false, 4);
    frame(true, 5);
    await receiver.until(() => receiver.packets.length === 2);
    expect(((receiver.packets[1]?.sequence ?? 0) - (receiver.packets[0]?.sequence ?? 0)) & 0xffff).toBe(1);
    expect(node.stats('room', 'p').received[0]?.packets).toBe(5);
  });

  describe('when the handshake fails', () => {
    /** A publisher's connection is begun on such a path. */
    const begin = async (stumbles: number): Promise<{ path: StumblingPath; client: TestClient }> => {
      want({ p: { publications: [publication('pub', '0')] } });
      const path = await StumblingPath.open(node.udpPort, stumbles);
      const client = new TestClient();
      clients.push(client);
      const sdp = await client.offer([{ mid: '0', kind: 'video', direction: 'sendonly', ssrc: 1000 }]);
      const { answer = '' } = await node.signal('room', 'p', version, { type: 'offer', sdp });
      client.accept(path.through(answer));
      return { path, client };
    };

    it('goes on with the same client, who does not notice', async () => {
      const { path, client } = await begin(1);
      await client.open();
      await reported('publication-ready');
      client.send(
        rtpPacket({ type: 96, ssrc: 1000, sequence: 1, timestamp: 0, payload: vp8Payload(true, 1) }),
      );
      await reported('publication-changed');
      expect(path.alerts).toBe(1);
      expect(reports.filter(({ type }) => type === 'transport-failed')).toEqual([]);
      path.close();
    });

    it('reports it when it fails again and again', async () => {
      const { path } = await begin(Infinity);
      const failures = await reported('transport-failed');
      expect(failures).toEqual([{ type: 'transport-failed', transport: 'p', reason: 'Connection failed' }]);
      expect(path.alerts).toBeGreaterThanOrEqual(4);
      path.close();
    });

    it('waits ten seconds for a client that does not ask again', async () => {
      await node.close();
      let noted: (giveUp: () => void) => void = () => undefined;
      const waiting = new Promise<() => void>((resolve) => {
        noted = resolve;
      });
      const after: Clock['after'] = (ms, callback) => {
        if (ms === 10_000) noted(callback);
        return clock.after(ms, callback);
      };
      await start(15_000, { ...clock, after });
      // An alert that comes before there is a handshake is not heard.
      const { path } = await begin(Infinity);
      const giveUp = await waiting;
      path.fallSilent();
      expect(reports).toEqual([]);
      giveUp();
      expect(reports).toEqual([
        { type: 'transport-failed', transport: 'p', reason: 'Connection was not made in time' },
      ]);
      path.close();
    });
  });

  it('waits for the document a signal was sent under', async () => {
    const client = new TestClient();
    clients.push(client);
    const sdp = await client.offer([{ mid: '0', kind: 'video', direction: 'sendonly', ssrc: 1000 }]);
    const reply = node.signal('room', 'p', 1, { type: 'offer', sdp });
    want({ p: { publications: [publication('pub', '0')] } });
    expect((await reply).answer).toContain('a=recvonly');
  });

  it('ignores a document older than the one it holds', async () => {
    want({ p: {} });
    want({ p: {}, s: {} });
    node.apply({ room: 'room', version: 1, transports: [], mixers: [] });
    expect(node.transports).toBe(2);
    want({});
    expect(node.transports).toBe(0);
  });

  it('refuses what it does not know', async () => {
    want({ p: {} });
    await expect(node.signal('room', 'x', 0, { type: 'offer', sdp: '' })).rejects.toMatchObject({
      code: 'not-found',
      message: 'Transport x does NOT exist',
    });
    await expect(node.signal('room', 'p', 0, { type: 'offer', sdp: 'x' })).rejects.toMatchObject({
      code: 'bad-request',
    });
    expect(() => node.stats('room', 'x')).toThrow('does NOT exist');
  });

  it('reports a transport that fell silent though media must come', async () => {
    await node.close();
    await start(1500);
    want({ p: { publications: [publication('pub', '0')] } });
    const { frame } = await publisher();
    frame(true, 1);
    const [failure] = await reported('transport-failed');
    expect(failure).toEqual({
      type: 'transport-failed',
      transport: 'p',
      reason: 'No media was received',
    });
    expect(node.stats('room', 'p')).toMatchObject({ state: 'closed', received: [] });
  });

  it('keeps a receiver that has never said a word: ICE tells when it is gone', async () => {
    await node.close();
    await start(400);
    const pub = { publications: [publication('pub', '0')] };
    want({ p: pub, s: { subscriptions: [subscription('sub', '0', 'p-0')] } });
    const { frame } = await publisher();
    await negotiate('s', [{ mid: '0', kind: 'video', direction: 'recvonly' }]);
    await reported('subscription-ready');
    let number = 0;
    const sending = setInterval(() => {
      number += 1;
      frame(number % 10 === 1, number);
    }, 50);
    await new Promise((resolve) => setTimeout(resolve, 2_500));
    clearInterval(sending);
    expect(reports.filter(({ type }) => type === 'transport-failed')).toEqual([]);
    expect(node.stats('room', 's').sent[0]?.packets).toBeGreaterThan(30);
  });

  it('survives hostile packets and candidates', async () => {
    const pub = { publications: [publication('pub', '0')] };
    want({ p: pub, s: { subscriptions: [subscription('sub', '0', 'p-0')] } });
    const { client, frame } = await publisher();
    const { client: receiver } = await negotiate('s', [{ mid: '0', kind: 'video', direction: 'recvonly' }]);
    await reported('subscription-ready');
    let state = 42;
    let sent = 0;
    const random = (below: number): number => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      return Math.floor((state / 2 ** 32) * below);
    };
    for (let round = 0; round < 500; round++) {
      const junk = Buffer.from(Array.from({ length: 12 + random(80) }, () => random(256)));
      junk[0] = 0x80 | random(0x40);
      if (random(2) === 0) junk[1] = 200 + random(8);
      try {
        client.send(junk.subarray(0, junk.length & ~3));
        sent++;
      } catch {
        // The sender's own SRTP refuses the worst of it.
      }
    }
    expect(sent).toBeGreaterThan(100);
    for (const candidate of [
      '',
      'a=candidate:',
      'candidate:1 1 udp 1 x.local 5 typ host',
      'x'.repeat(5000),
    ]) {
      await node.signal('room', 'p', 0, { type: 'candidate', candidate: { candidate } });
    }
    frame(true, 1);
    await receiver.until(() => receiver.packets.length > 0);
  });
});
