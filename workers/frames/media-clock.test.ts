import { describe, expect, it } from 'vitest';
import { seededRandom } from '../rtp/made-packets.ts';
import { ntpHigh, ntpLow } from '../rtp/ntp.ts';
import { MediaClock } from './media-clock.ts';

const audio = { ssrc: 1, rate: 48_000, start: 0xffff0000 };
const video = { ssrc: 2, rate: 90_000, start: 0xfffe0000 };
type Stream = typeof audio;

/** A sender whose clocks are not ours: true time in ms, its wall clock and its media clocks. */
class Sender {
  wallOffsetMs = 1_700_000_000_000;
  wallDrift = 0;
  readonly mediaDrift = new Map<number, number>();

  timestamp(stream: Stream, trueMs: number): number {
    const mediaMs = trueMs * (1 + (this.mediaDrift.get(stream.ssrc) ?? 0));
    return Math.floor(stream.start + (mediaMs * stream.rate) / 1000) % 2 ** 32;
  }

  report(stream: Stream, trueMs: number, noiseMs = 0) {
    const wallMs = this.wallOffsetMs + trueMs * (1 + this.wallDrift) + noiseMs;
    return {
      ssrc: stream.ssrc,
      ntpHigh: ntpHigh(wallMs),
      ntpLow: ntpLow(wallMs),
      rtpTimestamp: this.timestamp(stream, trueMs),
    };
  }
}

function clock(): MediaClock {
  const made = new MediaClock();
  for (const { ssrc, rate } of [audio, video]) made.addStream(ssrc, rate);
  return made;
}

/** Audio and video captured at one moment: how far apart the clock puts them, in ms. */
function skew(media: MediaClock, sender: Sender, trueMs: number): number {
  const sound = media.captured(audio.ssrc, sender.timestamp(audio, trueMs));
  const picture = media.captured(video.ssrc, sender.timestamp(video, trueMs));
  return (sound?.ms ?? NaN) - (picture?.ms ?? NaN);
}

describe('the clock of a participant', () => {
  it.each([
    { audioPpm: 0, videoPpm: 0, wallPpm: 0, seed: 1 },
    { audioPpm: 100, videoPpm: 0, wallPpm: 0, seed: 2 },
    { audioPpm: -200, videoPpm: 50, wallPpm: 100, seed: 3 },
    { audioPpm: 300, videoPpm: -300, wallPpm: -500, seed: 4 },
  ])('keeps lips in sync with skewed clocks $audioPpm $videoPpm $wallPpm (seed $seed)', (skewed) => {
    const random = seededRandom(skewed.seed);
    const sender = new Sender();
    sender.wallDrift = skewed.wallPpm / 1e6;
    sender.mediaDrift.set(audio.ssrc, skewed.audioPpm / 1e6);
    sender.mediaDrift.set(video.ssrc, skewed.videoPpm / 1e6);
    const media = clock();
    let worst = 0;
    let worstAge = 0;
    // Ten minutes: audio comes 40 ms after its capture at best, video 120 ms; reports are up to 3 ms wrong.
    for (let trueMs = 0; trueMs < 600_000; trueMs += 100) {
      media.arrived(audio.ssrc, sender.timestamp(audio, trueMs), trueMs + 40 + random() * 30);
      media.arrived(video.ssrc, sender.timestamp(video, trueMs), trueMs + 120 + random() * 60);
      if (trueMs % 5000 === 0)
        media.senderReport(sender.report(audio, trueMs, 6 * random() - 3), trueMs + 30 + 20 * random());
      if (trueMs % 5000 === 2500)
        media.senderReport(sender.report(video, trueMs, 6 * random() - 3), trueMs + 30 + 20 * random());
      if (trueMs > 30_000) {
        worst = Math.max(worst, Math.abs(skew(media, sender, trueMs)));
        const captured = media.captured(audio.ssrc, sender.timestamp(audio, trueMs));
        worstAge = Math.max(worstAge, Math.abs((captured?.ms ?? NaN) - trueMs - 40));
      }
    }
    expect(worst).toBeLessThan(8);
    // On our clock, as late as reports travel.
    expect(worstAge).toBeLessThan(40);
  });

  it('goes by arrival before the first report', () => {
    const sender = new Sender();
    const media = clock();
    expect(media.captured(audio.ssrc, 5)).toBeUndefined();
    for (let trueMs = 0; trueMs < 1000; trueMs += 20) {
      media.arrived(audio.ssrc, sender.timestamp(audio, trueMs), trueMs + 40 + (trueMs % 60));
      media.arrived(video.ssrc, sender.timestamp(video, trueMs), trueMs + 70);
    }
    const captured = media.captured(audio.ssrc, sender.timestamp(audio, 500));
    expect(captured?.source).toBe('arrival');
    expect(captured?.ms).toBeCloseTo(540, 0);
    expect(skew(media, sender, 500)).toBeCloseTo(-30, 0);
    media.senderReport(sender.report(audio, 1000), 1040);
    media.senderReport(sender.report(video, 1000), 1040);
    expect(media.captured(video.ssrc, 1)?.source).toBe('reports');
    expect(skew(media, sender, 1000)).toBeCloseTo(0, 1);
  });

  it('doubts one wrong report and believes none that does not agree with the next', () => {
    const random = seededRandom(7);
    const sender = new Sender();
    const media = clock();
    for (let trueMs = 0; trueMs < 60_000; trueMs += 1000) {
      const wrong = trueMs % 7000 === 6000;
      media.senderReport(sender.report(audio, trueMs, wrong ? (random() - 0.5) * 1e6 : 0), trueMs + 40);
      media.senderReport(sender.report(video, trueMs), trueMs + 40);
      expect(Math.abs(skew(media, sender, trueMs))).toBeLessThan(1);
    }
  });

  it('stays in sync while the sender sets its wall clock, though streams learn of it one by one', () => {
    for (const step of [3_600_000, -3_600_000, 5000, -5000]) {
      const sender = new Sender();
      const media = clock();
      for (let trueMs = 0; trueMs < 120_000; trueMs += 100) {
        if (trueMs === 60_000) sender.wallOffsetMs += step;
        if (trueMs % 5000 === 0) media.senderReport(sender.report(audio, trueMs), trueMs + 40);
        if (trueMs % 5000 === 3000) media.senderReport(sender.report(video, trueMs), trueMs + 40);
        if (trueMs < 5000) continue;
        expect(Math.abs(skew(media, sender, trueMs))).toBeLessThan(2);
        expect(media.captured(audio.ssrc, sender.timestamp(audio, trueMs))?.ms).toBeCloseTo(trueMs + 40, -1);
      }
    }
  });

  it('goes by arrival again when a stream begins anew, until its next report', () => {
    const sender = new Sender();
    const media = clock();
    const restarted = { ...video, start: 0x40000000 };
    for (let trueMs = 0; trueMs < 10_000; trueMs += 100) {
      media.arrived(video.ssrc, sender.timestamp(video, trueMs), trueMs + 50);
      if (trueMs % 1000 === 0) media.senderReport(sender.report(video, trueMs), trueMs + 40);
    }
    // A single foreign packet changes nothing.
    media.arrived(video.ssrc, 1_000_000_000, 10_000);
    expect(media.captured(video.ssrc, sender.timestamp(video, 9900))?.source).toBe('reports');
    for (let trueMs = 10_000; trueMs < 11_000; trueMs += 100) {
      media.arrived(video.ssrc, sender.timestamp(restarted, trueMs), trueMs + 50);
    }
    const captured = media.captured(video.ssrc, sender.timestamp(restarted, 10_500));
    expect(captured?.source).toBe('arrival');
    expect(captured?.ms).toBeCloseTo(10_550, 0);
    media.senderReport(sender.report(restarted, 11_000), 11_040);
    const known = media.captured(video.ssrc, sender.timestamp(restarted, 11_000));
    expect(known?.source).toBe('reports');
    expect(known?.ms).toBeCloseTo(11_040, 0);
  });

  it('takes a report before the first packet, just before the timestamp wraps', () => {
    const sender = new Sender();
    const media = clock();
    const late = { ...audio, start: 2 ** 32 - 480 };
    media.senderReport(sender.report(late, 0), 30);
    media.arrived(audio.ssrc, sender.timestamp(late, 20), 60);
    expect(media.captured(audio.ssrc, sender.timestamp(late, 20))?.ms).toBeCloseTo(50, 1);
  });

  it('hears nothing of unknown streams and reports without a clock, and keeps few streams', () => {
    const media = new MediaClock();
    media.arrived(9, 1, 1);
    media.senderReport({ ssrc: 9, ntpHigh: 1, ntpLow: 1, rtpTimestamp: 1 }, 1);
    expect(media.captured(9, 1)).toBeUndefined();
    for (let ssrc = 0; ssrc < 20; ssrc++) {
      media.addStream(ssrc, 48_000);
      media.arrived(ssrc, 0, 0);
      media.senderReport({ ssrc, ntpHigh: 0, ntpLow: 0, rtpTimestamp: 1 }, 1);
    }
    expect(media.captured(3, 1)).toBeUndefined();
    expect(media.captured(4, 1)?.source).toBe('arrival');
    media.removeStream(4);
    expect(media.captured(4, 1)).toBeUndefined();
  });
});
