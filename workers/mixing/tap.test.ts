import { beforeEach, describe, expect, it } from 'vitest';
import { Router } from '../routing/router.ts';
import { Source } from '../routing/source.ts';
import { receive, testPayload } from '../webrtc/testing/test-media.ts';
import { vp8Payload } from '../webrtc/testing/test-packets.ts';
import { Tap } from './tap.ts';

describe('an input’s tap', () => {
  let router: Router;
  let tap: Tap;
  let nowMs: number;
  let lagging: boolean;
  let said: string[];

  beforeEach(() => {
    router = new Router();
    nowMs = 1_000_000;
    lagging = false;
    said = [];
    let line = 0;
    tap = new Tap({
      input: 'in',
      kind: 'video',
      router,
      out: {
        lagging: () => lagging,
        begin: () => {
          line++;
          said.push(`begin ${line}`);
          return line;
        },
        end: (ended) => said.push(`end ${ended}`),
        packet: (to, bytes) => {
          said.push(`${to}:${((bytes[2] ?? 0) << 8) | (bytes[3] ?? 0)}`);
          return true;
        },
        report: () => undefined,
        roundTrip: () => undefined,
      },
    });
  });

  const publish = (track: string): Source => {
    const source = new Source({
      track,
      kind: 'video',
      rid: undefined,
      payload: testPayload(96, 'vp8'),
      redType: undefined,
      feedback: { nack: () => undefined, pli: () => said.push(`ask ${track}`) },
      resized: () => undefined,
    });
    source.bind(1);
    router.publish(source, nowMs);
    return source;
  };
  const send = (source: Source, sequence: number, key = false, width = 320): void => {
    const payload = vp8Payload(key, sequence, width, (width * 9) / 16);
    receive(source, { type: 96, ssrc: 1, sequence, timestamp: sequence * 3000, payload }, nowMs);
  };
  const track = (name: string) => ({ track: name, format: { codec: 'vp8' } as const });
  const place = (width: number) => ({
    size: { width, height: (width * 9) / 16 },
    fit: 'crop' as const,
  });
  const follow = (width: number): void => tap.update([track('low'), track('high')], place(width), nowMs);

  it.each([
    ['begins with what is kept since a recent key frame', 1000, ['begin 1', '1:1', '1:2']],
    ['asks for a key frame where the last is long ago', 2000, ['ask t']],
  ])('%s', (_, ageMs, expected) => {
    const source = publish('t');
    send(source, 1, true);
    nowMs += ageMs;
    send(source, 2);
    tap.update([track('t')], undefined, nowMs);
    expect(said).toEqual(expected);
  });

  it('ends its line when the source is paused, and goes on with a key frame', () => {
    const source = publish('t');
    tap.update([track('t')], undefined, nowMs);
    send(source, 1, true);
    source.setPaused(true);
    source.setPaused(false);
    send(source, 2);
    send(source, 3, true);
    expect(said).toEqual(['ask t', 'begin 1', '1:1', 'end 1', 'begin 2', '2:3']);
  });

  it('goes over to another layer at its key frame, and keeps the first until then', () => {
    const [low, high] = [publish('low'), publish('high')];
    send(low, 1, true, 320);
    send(high, 101, true, 1280);
    follow(320);
    nowMs += 1600;
    send(low, 2);
    send(high, 102);
    said = [];
    follow(1280);
    send(low, 3);
    send(high, 103);
    send(high, 104, true, 1280);
    send(low, 4);
    send(high, 105);
    expect(said).toEqual(['ask high', '1:3', 'begin 2', 'end 1', '2:104', '2:105']);
    expect(low.taken).toBe(false);
  });

  it('falls back to a layer that flows when its own falls silent', () => {
    const [low, high] = [publish('low'), publish('high')];
    send(low, 1, true, 320);
    send(high, 101, true, 1280);
    follow(1280);
    nowMs += 1600;
    send(low, 2, true, 320);
    tap.tick(nowMs);
    expect(tap.track).toBe('low');
  });

  it('leaves pictures out while the thread lags, up to a key frame after that', () => {
    const source = publish('t');
    tap.update([track('t')], undefined, nowMs);
    send(source, 1, true);
    lagging = true;
    send(source, 2);
    send(source, 3, true);
    lagging = false;
    send(source, 4);
    send(source, 5, true);
    expect(said).toEqual(['ask t', 'begin 1', '1:1', 'end 1', 'begin 2', '2:5']);
  });

  it('lets go of everything when it ends', () => {
    const source = publish('t');
    tap.update([track('t')], undefined, nowMs);
    tap.close();
    expect(source.taken).toBe(false);
  });
});
