import { describe, expect, it } from 'vitest';
import { PacketHistory } from './history.ts';
import { headerOf, madeRtp, madeVp8, seededRandom } from './made-packets.ts';
import { Rewriter, type RewriterOptions } from './rewriter.ts';
import { extendSequence, timestampDelta } from './sequence.ts';

/** One source feeding one rewriter. */
class Feed {
  readonly history: PacketHistory;
  readonly rewriter: Rewriter;

  constructor(rewriter: Rewriter, codec: 'other' | 'vp8' = 'other') {
    this.rewriter = rewriter;
    this.history = new PacketHistory(codec);
  }

  /** The outgoing number, or undefined when the packet was dropped. */
  send(sequence: number, timestamp = 0, nowMs = 0, payload: readonly number[] = [1]): number | undefined {
    const bytes = madeRtp({ sequence: sequence & 0xffff, timestamp: timestamp >>> 0, payload });
    const packet = this.history.store(bytes, headerOf(bytes), nowMs);
    if (packet === undefined) return undefined;
    return this.rewriter.rewrite(this.history, packet, nowMs) ? this.rewriter.sequence : undefined;
  }

  frame(
    sequence: number,
    frame: { pictureId: number; tl0PicIdx?: number; key?: boolean },
    timestamp = 0,
    nowMs = 0,
  ): number | undefined {
    return this.send(sequence, timestamp, nowMs, madeVp8(frame));
  }
}

function rewriter(options: Partial<RewriterOptions> = {}): Rewriter {
  return new Rewriter({ clockRate: 90_000, firstSequence: 100, firstTimestamp: 5000, ...options });
}

describe('numbers of one source', () => {
  it.each<[string, number[], (number | undefined)[]]>([
    ['in order', [7, 8, 9], [100, 101, 102]],
    ['over a wrap of the source', [0xfffe, 0xffff, 0, 1], [100, 101, 102, 103]],
    ['with a loss: the hole stays', [7, 8, 10], [100, 101, 103]],
    ['reordered: each its own number', [7, 10, 8, 9, 11], [100, 103, 101, 102, 104]],
    ['duplicated: sent once', [7, 8, 8, 9, 7], [100, 101, undefined, 102, undefined]],
    ['older than the first: dropped', [7, 6, 8], [100, undefined, 101]],
    ['with a gap too large to be loss: no hole', [7, 5007, 5008], [100, 101, 102]],
  ])('%s', (_name, sequences, expected) => {
    const feed = new Feed(rewriter());
    feed.rewriter.select(feed.history);
    expect(sequences.map((sequence) => feed.send(sequence))).toEqual(expected);
  });

  it('is given once even to a packet offered twice', () => {
    const { history, rewriter: out } = new Feed(rewriter());
    out.select(history);
    const bytes = madeRtp({ sequence: 7 });
    const packet = history.store(bytes, headerOf(bytes), 0);
    const results = [0, 1].map(() => packet !== undefined && out.rewrite(history, packet, 0));
    expect(results).toEqual([true, false]);
  });

  it('is no more given to a packet later than what can be traced back', () => {
    const feed = new Feed(rewriter({ capacity: 4 }));
    feed.rewriter.select(feed.history);
    for (const sequence of [1, 4, 5, 6]) feed.send(sequence);
    expect(feed.send(3)).toBe(102);
    expect(feed.send(2)).toBeUndefined();
  });

  it('wrap on our side', () => {
    const feed = new Feed(rewriter({ firstSequence: 0xffff }));
    feed.rewriter.select(feed.history);
    expect([1, 2, 3, 4].map((sequence) => feed.send(sequence))).toEqual([0xffff, 0, 1, 2]);
  });

  it('closes up over packets of padding only, also for packets that come late', () => {
    const feed = new Feed(rewriter());
    feed.rewriter.select(feed.history);
    const padding: number[] = [];
    expect(feed.send(10)).toBe(100);
    expect(feed.send(11, 0, 0, padding)).toBeUndefined();
    expect(feed.send(12)).toBe(101);
    expect(feed.send(14, 0, 0, padding)).toBeUndefined();
    expect(feed.send(16)).toBe(104);
    // 13 and 15 are still missing: 102 and 103 were left for them.
    expect(feed.send(13)).toBe(102);
    expect(feed.send(15)).toBe(103);
    expect(feed.send(17)).toBe(105);
  });

  it('closes the hole left for a packet that turns out to be padding', () => {
    const feed = new Feed(rewriter());
    feed.rewriter.select(feed.history);
    feed.send(10);
    expect(feed.send(12)).toBe(102);
    expect(feed.send(11, 0, 0, [])).toBe(101);
    expect(feed.send(13)).toBe(103);
  });

  it('starts at the given timestamp and keeps the distances', () => {
    const feed = new Feed(rewriter());
    feed.rewriter.select(feed.history);
    feed.send(1, 0xffffff00);
    expect(feed.rewriter.timestamp).toBe(5000);
    expect(feed.rewriter.timestampOffset).toBe(5000 + 0x100);
    feed.send(2, 0x200);
    expect(feed.rewriter.timestamp).toBe(5000 + 0x300);
  });

  it('keeps the marker', () => {
    const { history, rewriter: out } = new Feed(rewriter(), 'vp8');
    out.select(history);
    for (const [index, marker] of [true, false, true].entries()) {
      const bytes = madeRtp({
        sequence: index,
        marker,
        payload: madeVp8({ pictureId: index, key: index === 0 }),
      });
      const packet = history.store(bytes, headerOf(bytes), 0);
      expect(packet !== undefined && out.rewrite(history, packet, 0) && out.marker).toBe(marker);
    }
  });
});

describe('switching', () => {
  function pair() {
    const out = rewriter();
    return { out, low: new Feed(out, 'vp8'), high: new Feed(out, 'vp8') };
  }

  it('waits for a key frame before the first packet', () => {
    const { out, low } = pair();
    out.select(low.history);
    expect(out.awaitingKeyFrame).toBe(low.history);
    expect(low.frame(1, { pictureId: 1 })).toBeUndefined();
    expect(low.frame(2, { pictureId: 2, key: true })).toBe(100);
    expect(out.awaitingKeyFrame).toBeUndefined();
    expect(out.source).toBe(low.history);
  });

  it('forwards the old source until the new one has a key frame, then goes on without a gap', () => {
    const { out, low, high } = pair();
    out.select(low.history);
    low.frame(0xfff0, { pictureId: 0x7ffe, tl0PicIdx: 255, key: true }, 1000, 0);
    out.select(high.history);
    expect(out.awaitingKeyFrame).toBe(high.history);
    expect(high.frame(500, { pictureId: 9 }, 77, 10)).toBeUndefined();
    expect(low.frame(0xfff1, { pictureId: 0x7fff, tl0PicIdx: 0 }, 4000, 33)).toBe(101);
    expect([out.pictureId, out.tl0PicIdx, out.timestamp]).toEqual([0x7fff, 0, 8000]);
    expect(high.frame(501, { pictureId: 10, tl0PicIdx: 3, key: true }, 1077, 43)).toBe(102);
    // 10 ms after the last packet, whatever the two sources call their times and pictures.
    expect([out.pictureId, out.tl0PicIdx, out.timestamp]).toEqual([0, 1, 8900]);
    expect(out.source).toBe(high.history);
    expect(low.frame(0xfff2, { pictureId: 0 }, 7000, 66)).toBeUndefined();
    expect(high.frame(502, { pictureId: 11, tl0PicIdx: 4 }, 4077, 76)).toBe(103);
    expect([out.pictureId, out.tl0PicIdx, out.timestamp]).toEqual([1, 2, 11_900]);
  });

  it('drops packets from before the switch that come late', () => {
    const { out, low, high } = pair();
    out.select(low.history);
    low.frame(1, { pictureId: 1, key: true });
    out.select(high.history);
    high.frame(10, { pictureId: 5 });
    high.frame(12, { pictureId: 6, key: true });
    expect(high.frame(11, { pictureId: 5 })).toBeUndefined();
    expect(high.frame(13, { pictureId: 7 })).toBe(102);
  });

  it('does not start on a key frame that was overtaken', () => {
    const { out, low } = pair();
    out.select(low.history);
    low.frame(12, { pictureId: 3 });
    expect(low.frame(11, { pictureId: 2, key: true })).toBeUndefined();
  });

  it('takes a switch back', () => {
    const { out, low, high } = pair();
    out.select(low.history);
    low.frame(1, { pictureId: 1, key: true });
    out.select(high.history);
    out.select(low.history);
    expect(out.awaitingKeyFrame).toBeUndefined();
    expect(high.frame(9, { pictureId: 1, key: true })).toBeUndefined();
    expect(low.frame(2, { pictureId: 2 })).toBe(101);
  });

  it('sends nothing without a source, and takes a new one up where it stopped', () => {
    const { out, low, high } = pair();
    out.select(low.history);
    low.frame(1, { pictureId: 1, key: true });
    out.select(undefined);
    expect(low.frame(2, { pictureId: 2 })).toBeUndefined();
    out.select(high.history);
    expect(high.frame(700, { pictureId: 40, key: true }, 0, 1000)).toBe(101);
    expect(out.pictureId).toBe(2);
  });

  it.each([0, -5])('moves the timestamp on even when no time has passed (%i ms)', (elapsedMs) => {
    const { out, low, high } = pair();
    out.select(low.history);
    low.frame(1, { pictureId: 1, key: true }, 50, 100);
    out.select(high.history);
    high.frame(1, { pictureId: 1, key: true }, 999_999, 100 + elapsedMs);
    expect(timestampDelta(out.timestamp, 5000)).toBe(1);
  });

  it('renumbers 7-bit picture ids at their width', () => {
    const { out, low, high } = pair();
    const short = (id: number, key: boolean) => [0x90, 0x80, id, key ? 0 : 1, 5];
    out.select(low.history);
    low.frame(1, { pictureId: 0x4ff, key: true });
    out.select(high.history);
    high.send(1, 0, 0, short(120, true));
    expect(out.pictureId).toBe(0);
    high.send(2, 0, 0, short(127, false));
    high.send(3, 0, 0, short(0, false));
    expect(out.pictureId).toBe(8);
  });

  it('marks sound that sets in again', () => {
    const out = rewriter();
    const [first, second] = [new Feed(out), new Feed(out)];
    out.select(first.history);
    first.send(1);
    first.send(2);
    expect(out.marker).toBe(false);
    out.select(second.history);
    second.send(1);
    expect(out.marker).toBe(true);
  });
});

describe('pause and resume', () => {
  it('leaves no gap and keeps the clock of the source', () => {
    const feed = new Feed(rewriter());
    feed.rewriter.select(feed.history);
    feed.send(1, 0, 0);
    feed.rewriter.pause();
    expect(feed.rewriter.paused).toBe(true);
    for (let sequence = 2; sequence < 50; sequence++)
      expect(feed.send(sequence, sequence * 960)).toBeUndefined();
    feed.rewriter.resume();
    expect(feed.send(50, 50 * 960, 1000)).toBe(101);
    expect(feed.rewriter.timestamp).toBe(5000 + 50 * 960);
    expect(feed.send(49, 49 * 960, 1000)).toBeUndefined();
  });

  it('waits for a key frame of the selected source, and asks for none while paused', () => {
    const out = rewriter();
    const [low, high] = [new Feed(out, 'vp8'), new Feed(out, 'vp8')];
    out.select(low.history);
    low.frame(1, { pictureId: 1, key: true });
    out.pause();
    expect(out.awaitingKeyFrame).toBeUndefined();
    out.select(high.history);
    expect(high.frame(1, { pictureId: 1, key: true })).toBeUndefined();
    out.resume();
    expect(out.awaitingKeyFrame).toBe(high.history);
    expect(low.frame(2, { pictureId: 2 })).toBeUndefined();
    expect(high.frame(2, { pictureId: 2 })).toBeUndefined();
    expect(high.frame(3, { pictureId: 3, key: true })).toBe(101);
  });
});

describe('recall', () => {
  it('finds the packet behind an outgoing number with the numbers it had, across switches', () => {
    const out = rewriter();
    const [low, high] = [new Feed(out, 'vp8'), new Feed(out, 'vp8')];
    out.select(low.history);
    low.frame(40, { pictureId: 4, tl0PicIdx: 7, key: true }, 1000, 0);
    out.select(high.history);
    high.frame(900, { pictureId: 100, tl0PicIdx: 0, key: true }, 0, 20);
    expect(out.recall(100, 30, 10)?.sequence).toBe(40);
    expect([out.sequence, out.timestamp, out.pictureId, out.tl0PicIdx]).toEqual([100, 5000, 4, 7]);
    expect(out.recall(101, 30, 10)?.sequence).toBe(900);
    expect([out.sequence, out.timestamp, out.pictureId, out.tl0PicIdx]).toEqual([101, 6800, 5, 8]);
  });

  it('does not repeat a packet before the interval has passed', () => {
    const feed = new Feed(rewriter());
    feed.rewriter.select(feed.history);
    feed.send(1);
    expect(feed.rewriter.recall(100, 50, 20)).toBeDefined();
    expect(feed.rewriter.recall(100, 60, 20)).toBeUndefined();
    expect(feed.rewriter.recall(100, 70, 20)).toBeDefined();
  });

  it('knows nothing of numbers not sent, too old or let go', () => {
    const feed = new Feed(rewriter({ capacity: 4 }));
    feed.rewriter.select(feed.history);
    for (const sequence of [1, 2, 3, 5, 6]) feed.send(sequence);
    expect(feed.rewriter.recall(100, 0, 0)).toBeUndefined();
    expect(feed.rewriter.recall(103, 0, 0)).toBeUndefined();
    expect(feed.rewriter.recall(106, 0, 0)).toBeUndefined();
    expect(feed.rewriter.recall(105, 0, 0)?.sequence).toBe(6);
    feed.history.clear();
    expect(feed.rewriter.recall(105, 0, 0)).toBeUndefined();
  });
});

describe('whatever the network does', () => {
  it.each(Array.from({ length: 20 }, (_, seed) => seed + 1))(
    'a reordered source without loss comes out without holes (seed %i)',
    (seed) => {
      const random = seededRandom(seed);
      const feed = new Feed(rewriter({ firstSequence: 0xff00 }));
      feed.rewriter.select(feed.history);
      const start = Math.floor(random() * 0x10000);
      const arrivals = Array.from({ length: 2000 }, (_, index) => ({
        sequence: start + index,
        padding: index > 0 && random() < 0.02,
        at: index === 0 ? -100 : index + random() * 15,
      })).sort((a, b) => a.at - b.at);
      const outs: number[] = [];
      for (const { sequence, padding } of arrivals) {
        const out = feed.send(sequence, 0, 0, padding ? [] : [1]);
        if (out !== undefined) outs.push(extendSequence(out, outs.at(-1) ?? 0xff00));
      }
      outs.sort((a, b) => a - b);
      expect(outs).toEqual(Array.from({ length: outs.length }, (_, index) => 0xff00 + index));
      expect(outs.length).toBeGreaterThan(1900);
    },
  );

  it.each(Array.from({ length: 30 }, (_, seed) => seed + 1))(
    'no number is used twice, time never runs backwards, every number can be recalled (seed %i)',
    (seed) => {
      const random = seededRandom(seed);
      const out = rewriter({ firstSequence: Math.floor(random() * 0x10000), firstTimestamp: 0xffffff00 });
      const sources = [0, 1, 2].map(() => ({
        feed: new Feed(out, 'vp8'),
        sequence: Math.floor(random() * 0x10000),
        timestamp: Math.floor(random() * 2 ** 32),
        pictureId: Math.floor(random() * 0x8000),
      }));
      const used = new Map<number, { source: PacketHistory; extended: number; pictureId: number }>();
      let highest = -1;
      let lastTimestamp = -1;
      let nowMs = 0;
      for (let step = 0; step < 4000; step++) {
        nowMs += random() * 20;
        const chance = random();
        const chosen = sources[Math.floor(random() * 3)];
        if (chosen === undefined) continue;
        if (chance < 0.01) out.select(chosen.feed.history);
        else if (chance < 0.013) out.select(undefined);
        else if (chance < 0.02) out.pause();
        else if (chance < 0.04) out.resume();
        // A restart of the numbering now and then.
        else if (chance < 0.042) chosen.sequence += Math.floor(random() * 0x8000);
        for (const source of sources) {
          const late = random() < 0.1;
          if (!late) {
            source.sequence += random() < 0.05 ? 2 : 1;
            source.timestamp += 3000;
            source.pictureId = (source.pictureId + 1) & 0x7fff;
          }
          const back = late ? Math.floor(random() * 30) : 0;
          const payload =
            random() < 0.05 ? [] : madeVp8({ pictureId: source.pictureId, key: !late && random() < 0.05 });
          const bytes = madeRtp({
            sequence: (source.sequence - back) & 0xffff,
            timestamp: (source.timestamp - back * 3000) >>> 0,
            payload,
          });
          const { history } = source.feed;
          const packet = history.store(bytes, headerOf(bytes), nowMs);
          if (packet === undefined || !out.rewrite(history, packet, nowMs)) continue;
          const extended = extendSequence(out.sequence, highest < 0 ? 0x10000 + out.sequence : highest);
          expect(used.has(extended)).toBe(false);
          used.set(extended, { source: history, extended: packet.extended, pictureId: out.pictureId });
          if (extended > highest) {
            if (highest >= 0) expect(timestampDelta(out.timestamp, lastTimestamp)).toBeGreaterThanOrEqual(0);
            // Nothing but losses of the source (and late packets) may leave a hole.
            if (highest >= 0) expect(extended - highest).toBeLessThan(3000);
            highest = extended;
            lastTimestamp = out.timestamp;
          }
        }
      }
      expect(used.size).toBeGreaterThan(500);
      let recalled = 0;
      for (const [extended, { source, extended: incoming, pictureId }] of used) {
        if (highest - extended >= 1024) continue;
        const packet = out.recall(extended & 0xffff, nowMs, 0);
        if (packet === undefined) continue;
        recalled++;
        expect(packet).toBe(source.find(incoming));
        expect(out.pictureId).toBe(pictureId);
        expect(out.sequence).toBe(extended & 0xffff);
      }
      expect(recalled).toBeGreaterThan(50);
    },
  );
});
