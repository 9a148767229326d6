import { beforeEach, describe, expect, it } from 'vitest';
import type { DesiredAudioSelector, ReportItem } from '../../schemas/worker.ts';
import { ManualClock } from '../agent/testing/manual-clock.ts';
import { Router } from '../routing/router.ts';
import { Source } from '../routing/source.ts';
import { receive, testPayload } from '../webrtc/testing/test-media.ts';
import { ScriptedThreads } from './scripted-threads.ts';
import { EngineOrder } from './engine-order.ts';
import { Selector } from './selector.ts';
import { ThreadPool } from './thread-pool.ts';

const opus = { codec: 'opus', sampleRate: 48_000, channelNum: 2 } as const;
const log = { info: () => undefined, warn: () => undefined, error: () => undefined };
const levelId = 1;
const redType = 63;

const wish = (tracks: readonly string[], outputs = ['out-1']): DesiredAudioSelector => ({
  kind: 'selector',
  id: 'active',
  inputs: tracks.map((track) => ({ stream: `${track}-stream`, track, format: opus, active: true })),
  outputs,
});

describe('active audio', () => {
  let clock: ManualClock;
  let router: Router;
  let reports: ReportItem[];
  let selector: Selector;
  let sources: Map<string, Source>;
  let sequence: number;

  const publish = (track: string): Source => {
    const source = new Source({
      track,
      kind: 'audio',
      rid: undefined,
      payload: testPayload(111, 'opus', 48_000, 2),
      redType,
      feedback: { nack: () => undefined, pli: () => undefined },
      resized: () => undefined,
    });
    source.audioLevelId = levelId;
    source.bind(1);
    router.publish(source, clock.now());
    sources.set(track, source);
    return source;
  };
  /** 20 ms after 20 ms, everybody sends at a level. */
  const speak = async (levels: Readonly<Record<string, number>>, ms: number): Promise<void> => {
    for (let passed = 0; passed < ms; passed += 20) {
      sequence++;
      for (const [track, source] of sources) {
        const elements = { [levelId]: Uint8Array.of(-(levels[track] ?? -127)) };
        const payload = Uint8Array.of(track.charCodeAt(0), sequence & 0xff);
        const timestamp = sequence * 960;
        receive(source, { type: 111, ssrc: 1, sequence, timestamp, elements, payload }, clock.now());
      }
      await clock.advance(20);
      selector.tick(clock.now());
    }
  };
  const carried = (output = 'out-1'): string | undefined => {
    const { history } = router.source(output) ?? {};
    const packet = history?.find(history.highest);
    return packet && String.fromCharCode(packet.payload[0] ?? 0);
  };
  const selected = (): unknown =>
    reports.flatMap((item) => (item.type === 'selected' ? [item.inputs.map(({ stream }) => stream)] : []));

  beforeEach(() => {
    clock = new ManualClock();
    router = new Router();
    reports = [];
    sources = new Map();
    sequence = 0;
    const pool = new ThreadPool({ start: new ScriptedThreads(clock).start, clock, log, cores: 1 });
    selector = new Selector({
      settings: wish(['a', 'b']),
      router,
      rim: { clock, log, pool, engines: new EngineOrder([]), random32: () => ++sequence + 1000 },
      report: (items) => reports.push(...items),
    });
    publish('a');
    publish('b');
  });

  it('carries who is loudest, as it is, and says who that is', async () => {
    await speak({ a: -20, b: -70 }, 1000);
    expect(carried()).toBe('a');
    await speak({ a: -70, b: -20 }, 3000);
    expect(carried()).toBe('b');
    expect(selected()).toEqual([['a-stream'], ['b-stream']]);
  });

  it('is another stream for those who listen when somebody else is carried', async () => {
    await speak({ a: -20 }, 1000);
    const before = router.source('out-1')?.ssrc;
    await speak({ a: -20 }, 1000);
    expect(router.source('out-1')?.ssrc).toBe(before);
    await speak({ b: -20 }, 3000);
    expect(router.source('out-1')?.ssrc).not.toBe(before);
  });

  it('takes the newest block out of redundant audio', async () => {
    await speak({ a: -20 }, 1000);
    const source = sources.get('a');
    const payload = Uint8Array.of(0x80 | 111, 0, 0, 1, 111, 9, 'a'.charCodeAt(0), 5);
    sequence++;
    if (source) {
      receive(source, { type: redType, ssrc: 1, sequence, timestamp: sequence * 960, payload }, clock.now());
    }
    const { history } = router.source('out-1') ?? {};
    expect([...(history?.find(history.highest)?.payload ?? [])]).toEqual(['a'.charCodeAt(0), 5]);
  });

  it('passes on when its sender’s time was', async () => {
    await speak({ a: -20 }, 1000);
    const report = {
      type: 'sender-report' as const,
      ssrc: 1,
      ntpHigh: 7,
      ntpLow: 8,
      rtpTimestamp: 9,
      packets: 0,
      octets: 0,
      reports: [],
    };
    sources.get('a')?.senderReport(report, clock.now());
    selector.tick(clock.now());
    expect(router.source('out-1')?.heard?.report).toMatchObject({ ntpHigh: 7, ntpLow: 8, rtpTimestamp: 9 });
  });

  it('leaves nothing in the room when it ends', () => {
    selector.close();
    expect(router.source('out-1')).toBeUndefined();
    expect(sources.get('a')?.taken).toBe(false);
  });
});
