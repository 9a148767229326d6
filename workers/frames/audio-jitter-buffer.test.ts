import { describe, expect, it } from 'vitest';
import { seededRandom } from '../rtp/made-packets.ts';
import { AudioJitterBuffer, type AudioJitterBufferOptions } from './audio-jitter-buffer.ts';
import { playedTicks, type AudioStep } from './audio-steps.ts';
import { g711Depacketizer } from './depacketize-g711.ts';
import { opusDepacketizer } from './depacketize-opus.ts';
import type { MediaPacket } from './media-packet.ts';

/** Opus, SILK 20 ms: with FEC, without, and one that only says silence. */
const withFec = [0x08, 0x40, 1, 2];
const plain = [0x08, 0x00, 1, 2];
const dtx = [0x08];

/** Packet `index` of 20 ms Opus; numbers and timestamps wrap soon. */
function opus(
  index: number,
  payload: readonly number[] = plain,
  numbers: Partial<MediaPacket> = {},
): MediaPacket {
  return {
    ssrc: 1,
    sequence: (0xfffa + index) & 0xffff,
    timestamp: (0xffffe000 + index * 960) >>> 0,
    marker: false,
    payload: Uint8Array.from(payload),
    ...numbers,
  };
}

function buffer(options: Partial<AudioJitterBufferOptions> = {}): AudioJitterBuffer {
  return new AudioJitterBuffer({ depacketizer: opusDepacketizer, ...options });
}

/** Steps in short: packets by index, others by name and ms. */
function short(steps: readonly AudioStep[]): string {
  return steps
    .map((step) => {
      switch (step.type) {
        case 'packet':
        case 'skip':
          return `${step.type === 'skip' ? 'skip ' : ''}${(step.frame.sequence - 0xfffa) & 0xffff}`;
        case 'fec':
          return `fec ${step.durationTicks / 48}`;
        case 'conceal':
          return `${step.reason} ${step.durationTicks / 48}`;
        case 'silence':
          return `silence ${step.durationTicks / 48}`;
      }
    })
    .join(', ');
}

/**
 * Packets arrive as listed (by index, at ms), ticks happen every 20 ms from `fromMs`; gives each tick in short.
 */
function played(
  jitterBuffer: AudioJitterBuffer,
  arrivals: readonly (readonly [
    index: number,
    atMs: number,
    payload?: readonly number[],
    numbers?: Partial<MediaPacket>,
  ])[],
  toMs: number,
  fromMs = 1,
): string[] {
  const left = [...arrivals].sort((a, b) => a[1] - b[1]);
  const ticks: string[] = [];
  for (let nowMs = fromMs; nowMs <= toMs; nowMs += 20) {
    for (let next = left[0]; next !== undefined && next[1] <= nowMs; next = left[0]) {
      left.shift();
      jitterBuffer.insert(opus(next[0], next[2], next[3]), next[1]);
    }
    ticks.push(short(jitterBuffer.tick(nowMs)));
  }
  return ticks;
}

const steady = (from: number, to: number, delayMs = 0): [number, number][] =>
  Array.from({ length: to - from + 1 }, (_, at) => [from + at, (from + at) * 20 + delayMs]);
const numbers = (from: number, to: number): string[] =>
  Array.from({ length: to - from + 1 }, (_, at) => String(from + at));
const without = (arrivals: [number, number][], lost: readonly number[]): [number, number][] =>
  arrivals.filter(([index]) => !lost.includes(index));
const withPayload = (
  arrivals: [number, number][],
  payload: readonly number[],
): [number, number, readonly number[]][] => arrivals.map(([index, atMs]) => [index, atMs, payload]);

describe('an audio jitter buffer', () => {
  it('fills up, then plays one packet a tick, over both wraps', () => {
    const jitterBuffer = buffer();
    const ticks = played(jitterBuffer, steady(0, 20), 401);
    expect(ticks.slice(0, 3)).toEqual(['silence 20', 'silence 20', 'silence 20']);
    expect(ticks.slice(3)).toEqual(numbers(0, 17));
    expect(jitterBuffer.stats).toMatchObject({ played: 18, concealed: 0, late: 0, skipped: 0, stretched: 0 });
    expect(jitterBuffer.stats.delayMs).toBeCloseTo(61);
  });

  it('puts packets in order and plays doubles once', () => {
    const jitterBuffer = buffer();
    const arrivals: [number, number][] = [...steady(0, 10), [3, 61], [4, 79], [3, 500]];
    arrivals.splice(5, 1, [5, 119]);
    const ticks = played(jitterBuffer, arrivals, 261);
    expect(ticks.slice(3)).toEqual([...numbers(0, 10)]);
    expect(jitterBuffer.stats.duplicates).toBe(2);
  });

  it.each<[string, readonly number[], number[], string[]]>([
    ['one lost packet is concealed', plain, [5], ['4', 'lost 20', '6', '7', '8']],
    ['one lost packet comes from the next one’s FEC', withFec, [5], ['4', 'fec 20', '6', '7', '8']],
    ['of two lost packets the second comes from FEC', withFec, [5, 6], ['4', 'lost 20', 'fec 20', '7', '8']],
  ])('%s', (_name, payload, lost, expected) => {
    const jitterBuffer = buffer();
    const ticks = played(jitterBuffer, withPayload(without(steady(0, 20), lost), payload), 401);
    expect(ticks.slice(7, 12)).toEqual(expected);
    expect(jitterBuffer.stats).toMatchObject({ late: 0, skipped: 0 });
    expect(jitterBuffer.stats.recovered).toBe(payload === withFec ? 1 : 0);
  });

  it('a long loss takes as long as what was lost, also while nothing newer is there', () => {
    const jitterBuffer = buffer();
    const ticks = played(jitterBuffer, without(steady(0, 20), [5, 6, 7, 8]), 401);
    const invented = Array.from({ length: 4 }, () => 'lost 20');
    expect(ticks.slice(7)).toEqual(['4', ...invented, ...numbers(9, 17)]);
  });

  it('stretches where single packets are overtaken by many, until they come in time', () => {
    const random = seededRandom(11);
    const jitterBuffer = buffer();
    // The first ten seconds are quiet, so that the delay is short.
    const arrivals = steady(0, 2000).map(([index, atMs]): [number, number] => [
      index,
      atMs + (index > 500 && random() < 0.1 ? 90 : 0),
    ]);
    played(jitterBuffer, arrivals.slice(0, 1500), 29_901);
    const { stretched, targetMs, delayMs, late } = jitterBuffer.stats;
    expect(stretched).toBeGreaterThan(1);
    expect(targetMs).toBeGreaterThan(90);
    expect(delayMs).toBeGreaterThan(90);
    played(jitterBuffer, arrivals.slice(1500), 39_901, 29_921);
    expect(jitterBuffer.stats.late).toBe(late);
  });

  it('silence that the sender announced is no loss', () => {
    const jitterBuffer = buffer();
    // Packet 5 says silence; 6 follows it by number, 400 ms later by time.
    const later: [number, number, readonly number[], Partial<MediaPacket>][] = [6, 7, 8].map((index) => [
      index,
      (index + 20) * 20,
      plain,
      { timestamp: (0xffffe000 + (index + 20) * 960) >>> 0 },
    ]);
    const ticks = played(jitterBuffer, [...steady(0, 4), [5, 100, dtx], ...later], 621);
    expect(ticks.slice(7, 10)).toEqual(['4', '5', 'silence 20']);
    expect(new Set(ticks.slice(9, 28))).toEqual(new Set(['silence 20']));
    const resumed = ticks.indexOf('6');
    expect(ticks.slice(resumed, resumed + 3)).toEqual(['6', '7', '8']);
    // Resumes with the delay it had (61 ms) or the target's, whichever the silence allowed.
    expect(resumed * 20 + 1 - 520).toBeGreaterThan(20);
    expect(resumed * 20 + 1 - 520).toBeLessThanOrEqual(61);
    expect(jitterBuffer.stats).toMatchObject({ concealed: 0, late: 0 });
  });

  it('a gap in time without one in numbers is silence too', () => {
    const jitterBuffer = buffer({ minDelayMs: 100 });
    const later = [5, 6, 7].map((index): [number, number, readonly number[], Partial<MediaPacket>] => [
      index,
      (index + 3) * 20,
      plain,
      { timestamp: (0xffffe000 + (index + 3) * 960) >>> 0 },
    ]);
    const ticks = played(jitterBuffer, [...steady(0, 4), ...later], 301);
    const silence = ['silence 20', 'silence 20', 'silence 20'];
    expect(ticks.slice(5)).toEqual([...numbers(0, 4), ...silence, ...numbers(5, 7)]);
  });

  it('when packets come too late it waits with invented sound, loses none, and catches up later', () => {
    const jitterBuffer = buffer();
    // Packets 10 to 15 are held up and come together.
    const held = steady(0, 150).map(([index, atMs]): [number, number] => [
      index,
      index >= 10 && index <= 15 ? 320 : atMs,
    ]);
    const ticks = played(jitterBuffer, held, 3001);
    const spoken = ticks.flatMap((tick) => tick.split(', ')).filter((tick) => /^(skip )?\d+$/.test(tick));
    expect(spoken.map((tick) => Number(tick.replace('skip ', '')))).toEqual(spoken.map((_, at) => at));
    expect(ticks.filter((tick) => tick === 'lost 20').length).toBeGreaterThanOrEqual(2);
    expect(jitterBuffer.stats.late).toBe(0);
    expect(jitterBuffer.stats.skipped).toBeGreaterThan(0);
    expect(jitterBuffer.stats.delayMs).toBeLessThan(jitterBuffer.stats.targetMs + 45);
  });

  it('falls silent when the sender stops, and begins again when it goes on', () => {
    const jitterBuffer = buffer();
    const ticks = played(
      jitterBuffer,
      [...steady(0, 5), ...steady(60, 70)].map(([i, t]) => [i, t]),
      1441,
    );
    expect(ticks.slice(9, 17)).toEqual(Array.from({ length: 8 }, () => 'lost 20'));
    expect(new Set(ticks.slice(17, 61))).toEqual(new Set(['silence 20']));
    const resumed = ticks.indexOf('60');
    expect(resumed).toBeGreaterThan(60);
    expect(ticks.slice(resumed, resumed + 5)).toEqual(numbers(60, 64));
  });

  it.each([
    [0, 20, 45],
    [40, 40, 75],
    [150, 120, 200],
  ])('with %i ms of jitter it aims at %i to %i ms', (jitterMs, low, high) => {
    const random = seededRandom(jitterMs + 1);
    const jitterBuffer = buffer();
    const arrivals = steady(0, 1500).map(([index, atMs]): [number, number] => [
      index,
      atMs + random() * jitterMs,
    ]);
    played(jitterBuffer, arrivals, 30_001);
    const { targetMs, delayMs, late, concealed, played: count } = jitterBuffer.stats;
    expect(targetMs).toBeGreaterThanOrEqual(low);
    expect(targetMs).toBeLessThanOrEqual(high);
    expect(Math.abs(delayMs - targetMs)).toBeLessThan(45);
    expect([late / count, concealed / count].every((share) => share < 0.05)).toBe(true);
  });

  it.each([300, -300])('follows a sender whose clock is off by %i ppm, with few corrections', (ppm) => {
    const jitterBuffer = buffer();
    const arrivals = steady(0, 15_000).map(([index, atMs]): [number, number] => [
      index,
      atMs * (1 - ppm / 1e6),
    ]);
    played(jitterBuffer, arrivals, 299_001);
    const { skipped, stretched, concealed, late, delayMs, targetMs, overflowed } = jitterBuffer.stats;
    expect(Math.abs(delayMs - targetMs)).toBeLessThan(45);
    // 90 ms of drift in five minutes are four to five packets, and the start's target is given up for a lower one.
    expect(skipped + stretched + concealed).toBeLessThan(12);
    expect(late + overflowed).toBe(0);
  });

  it('ticks last 20 ms also with packets of 60 and of 10 ms', () => {
    for (const [payload, ms] of [
      [[0x18, 0, 1], 60],
      [[0x00, 0, 1], 10],
    ] as const) {
      const jitterBuffer = buffer();
      let ticks = 0;
      let given = 0;
      let index = 0;
      for (let nowMs = 1; nowMs < 4000; nowMs += 20) {
        for (; index * ms <= nowMs; index++) {
          jitterBuffer.insert(opus(index, payload, { timestamp: index * ms * 48 }), index * ms);
        }
        given += jitterBuffer.tick(nowMs).reduce((sum, step) => sum + playedTicks(step), 0);
        ticks += 960;
        expect(given).toBeGreaterThanOrEqual(ticks);
        expect(given - ticks).toBeLessThan(60 * 48);
      }
      expect(jitterBuffer.stats).toMatchObject({ concealed: 0, late: 0, overflowed: 0 });
    }
  });

  it('plays G.711 at its own clock', () => {
    const jitterBuffer = buffer({ depacketizer: g711Depacketizer });
    const packets: AudioStep[] = [];
    for (let index = 0; index < 50; index++) {
      const payload = Array.from({ length: 160 }, () => 7);
      if (index !== 20) jitterBuffer.insert(opus(index, payload, { timestamp: index * 160 }), index * 20);
      packets.push(...jitterBuffer.tick(index * 20));
    }
    expect(packets.filter(({ type }) => type === 'conceal')).toEqual([
      { type: 'conceal', durationTicks: 160, reason: 'lost' },
    ]);
    expect(packets.slice(-5).map(({ type }) => type)).toEqual(Array.from({ length: 5 }, () => 'packet'));
  });

  it.each<[string, Partial<MediaPacket>]>([
    ['another SSRC', { ssrc: 2 }],
    ['timestamps that jumped', { timestamp: 0x60000000 }],
    ['numbers that jumped', { sequence: 30_000 }],
  ])('begins anew with %s', (_name, jump) => {
    const jitterBuffer = buffer();
    played(jitterBuffer, steady(0, 20), 401);
    const later = steady(21, 40).map(
      ([index, atMs]): [number, number, readonly number[], Partial<MediaPacket>] => [
        index,
        atMs,
        plain,
        {
          ssrc: jump.ssrc ?? 1,
          sequence: ((jump.sequence ?? 0xfffa) + index) & 0xffff,
          timestamp: ((jump.timestamp ?? 0xffffe000) + index * 960) >>> 0,
        },
      ],
    );
    const before = jitterBuffer.stats.played;
    played(jitterBuffer, later, 801, 421);
    expect(jitterBuffer.stats.played - before).toBeGreaterThan(13);
  });

  it('is not put off by single packets from elsewhere', () => {
    const jitterBuffer = buffer();
    const ticks = played(
      jitterBuffer,
      [
        ...steady(0, 30),
        [10, 205, plain, { timestamp: 5, sequence: 40_000 }],
        [11, 245, plain, { timestamp: 0x70000000, sequence: 11 + 0xfffa - 0x10000 + 1 }],
      ],
      601,
    );
    expect(ticks.slice(3)).toEqual(numbers(0, 27));
  });

  it('holds a bounded number of packets and counts what is not sound', () => {
    const jitterBuffer = buffer({ maxPackets: 10 });
    for (let index = 0; index < 100; index++) jitterBuffer.insert(opus(index), index * 20);
    expect(jitterBuffer.packets).toBe(10);
    expect(jitterBuffer.stats.overflowed).toBe(90);
    jitterBuffer.insert(opus(101, []), 2020);
    jitterBuffer.insert(opus(102, [0x0b, 0]), 2020);
    expect(jitterBuffer.stats.malformed).toBe(1);
    expect(jitterBuffer.packets).toBe(10);
  });

  it('begins near its target with a burst of packets that waited somewhere', () => {
    const jitterBuffer = buffer();
    for (let index = 0; index < 50; index++) jitterBuffer.insert(opus(index), index * 20);
    // The next one is 60 ms old, which is tolerated over a target of 45.
    expect(short(jitterBuffer.tick(1000))).toBe('46');
    expect(jitterBuffer.stats).toMatchObject({ played: 1, late: 46 });
    expect(short(jitterBuffer.tick(1020))).toBe('47');
  });

  it('is silent before the first packet', () => {
    expect(short(buffer().tick(0))).toBe('silence 20');
  });
});
