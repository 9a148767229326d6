import { beforeEach, describe, expect, it } from 'vitest';
import type { ManualClock } from '../agent/testing/manual-clock.ts';
import type { Routers } from '../routing/routers.ts';
import { outputOf, viewOf } from '../video/scripted-view.ts';
import { chooseForwarded } from '../webrtc/codecs.ts';
import { testPayload } from '../webrtc/testing/test-media.ts';
import type { MixNode } from './node.ts';
import { audio, ScriptedRoom, video } from './scripted-room.ts';
import type { ScriptedThreads } from './scripted-threads.ts';

describe('the mixers of rooms', () => {
  let room: ScriptedRoom;
  let clock: ManualClock;
  let threads: ScriptedThreads;
  let routers: Routers;
  let reports: ScriptedRoom['reports'];
  let node: MixNode;

  beforeEach(async () => {
    room = new ScriptedRoom();
    ({ clock, threads, routers, reports, node } = room);
    await clock.advance(10);
  });

  it('tells at once that it has no engine of those that a room allows, and which it has', async () => {
    await room.wish([{ ...viewOf([], [outputOf('out')]), engines: ['qsv'] }]);
    expect(reports).toMatchObject([
      { type: 'mixer-failed', reason: 'No engine that the room allows is to be had here' },
    ]);
    expect(node.engines.map(({ id }) => id)).toEqual(['vaapi', 'cpu', 'wasm']);
  });

  it('publishes outputs under payloads that browsers negotiate, at once', async () => {
    const formats = [
      [{ codec: 'vp8' }, testPayload(120, 'vp8')],
      [{ codec: 'vp9' }, testPayload(98, 'vp9')],
      [
        { codec: 'h264', profile: 'CB' },
        {
          ...testPayload(106, 'h264'),
          parameters: new Map([
            ['packetization-mode', '1'],
            ['profile-level-id', '42e01f'],
          ]),
        },
      ],
    ] as const;
    const outputs = formats.map(([format], index) => ({ ...outputOf(String(index)), format }));
    await room.wish([viewOf([], outputs), audio]);
    for (const [index, [, offered]] of formats.entries()) {
      const source = routers.of('r').source(String(index));
      expect(source && chooseForwarded(source.payload, [offered])).toBe(offered);
    }
    const sound = routers.of('r').source('sound');
    expect(sound && chooseForwarded(sound.payload, [testPayload(111, 'opus', 48_000, 2)])).toBeDefined();
  });

  it('configures a pipeline once for each document that differs', async () => {
    await room.wish([video()]);
    await room.wish([video()]);
    await room.wish([video(['a', 'b'])]);
    expect(threads.pipelines).toHaveLength(1);
    expect(threads.latest.configured.map(({ inputs }) => inputs.length)).toEqual([1, 2]);
  });

  it('ignores a document older than the one held', async () => {
    await room.wish([video()]);
    node.apply({ room: 'r', version: 0, transports: [], mixers: [audio] });
    expect(routers.of('r').source('out')).toBeDefined();
  });

  it('passes on packets from a key frame on, which it asks for', async () => {
    const plis: number[] = [];
    const source = room.publish('a-track', plis);
    await room.wish([video()]);
    expect(plis).toHaveLength(1);
    room.send(source, 1);
    room.send(source, 2, true);
    room.send(source, 3);
    await clock.advance(10);
    expect(room.sequences()).toEqual([2, 3]);
    expect([...threads.latest.lines.values()]).toMatchObject([
      { line: 1, input: 'a', payloadType: 96, clockRate: 90_000, format: { codec: 'vp8' } },
    ]);
  });

  it('sends many packets in one message', async () => {
    const source = room.publish('a-track');
    await room.wish([video()]);
    const thread = threads.all[0];
    const before = thread?.batches.length ?? 0;
    for (let sequence = 1; sequence < 100; sequence++) room.send(source, sequence, sequence === 1);
    await clock.advance(10);
    expect(thread?.batches.length).toBe(before + 1);
    expect(room.sequences()).toHaveLength(99);
  });

  it('begins another line when the sender begins another stream', async () => {
    const source = room.publish('a-track');
    await room.wish([video()]);
    room.send(source, 1, true);
    source.bind(2000);
    room.send(source, 50);
    room.send(source, 51, true);
    await clock.advance(10);
    expect(threads.latest.ended).toEqual([1]);
    expect([...threads.latest.lines.keys()]).toEqual([2]);
    expect(room.sequences()).toEqual([1, 51]);
  });

  it('gives a pipeline’s frames to the sinks as packets, and says when they were', async () => {
    await room.wish([video()]);
    threads.latest.frame('out', clock.now(), { packets: 3, key: true });
    await clock.advance(25);
    const source = routers.of('r').source('out');
    const packets = [2, 1, 0].map((back) => source?.history.find(source.history.highest - back));
    expect(packets.map((packet) => packet?.marker)).toEqual([false, false, true]);
    expect(packets.map((packet) => [...(packet?.payload ?? [])])).toEqual([
      [0, 0],
      [0, 1],
      [0, 2],
    ]);
    const { report, receivedMs = 0 } = source?.heard ?? {};
    expect(report?.rtpTimestamp).toBe(Math.round(receivedMs * 90) % 2 ** 32);
  });

  it('asks a pipeline for a key frame when a subscriber waits', async () => {
    await room.wish([video()]);
    routers.of('r').source('out')?.requestKeyFrame(clock.now());
    await clock.advance(10);
    expect(threads.latest.keyFrames).toEqual(['out']);
  });

  it('passes a pipeline’s wish for a key frame to the sender of the line', async () => {
    const plis: number[] = [];
    const source = room.publish('a-track', plis);
    await room.wish([video()]);
    room.send(source, 1, true);
    await clock.advance(600);
    const before = plis.length;
    threads.latest.out.requestKeyFrame(1);
    threads.latest.out.requestKeyFrame(99);
    await clock.advance(120);
    expect(plis).toHaveLength(before + 1);
  });

  it.each(['kill', 'wedge'] as const)(
    'goes on in another thread after a %s, from what was sent since the last key frame',
    async (how) => {
      const source = room.publish('a-track');
      await room.wish([video(['a', 'b'])]);
      room.send(source, 1, true);
      await clock.advance(10);
      const ssrc = routers.of('r').source('out')?.ssrc;
      node.disturb(how, 'video');
      room.send(source, 2);
      await clock.advance(800);
      room.send(source, 3);
      await clock.advance(10);
      expect(threads.pipelines).toHaveLength(2);
      expect(threads.latest.configured).toHaveLength(1);
      expect(room.sequences()).toEqual([1, 2, 3]);
      expect(routers.of('r').source('out')?.ssrc).not.toBe(ssrc);
      await clock.advance(2000);
      expect(node.stats('r')).toMatchObject([{ rebuilds: 1 }]);
      expect(reports).toEqual([]);
    },
  );

  it('is more patient with a thread that has no core', async () => {
    await room.wish([video()]);
    const [thread] = threads.all;
    if (thread) thread.stuck = true;
    for (let step = 0; step < 8; step++) {
      if (thread) thread.waitedMs += 100;
      await clock.advance(100);
    }
    expect(threads.pipelines).toHaveLength(1);
    await clock.advance(500);
    expect(threads.pipelines).toHaveLength(2);
  });

  it('goes on after what breaks a pipeline, and after a second time without what was sent before', async () => {
    const source = room.publish('a-track');
    await room.wish([video()]);
    for (const losses of [1, 2]) {
      room.send(source, losses * 10, losses === 1);
      await clock.advance(10);
      threads.latest.breaksWith = new Error('out of bounds');
      room.send(source, losses * 10 + 1);
      await clock.advance(20);
      expect(threads.pipelines).toHaveLength(losses + 1);
    }
    expect(room.sequences()).toEqual([]);
    room.send(source, 30, true);
    await clock.advance(10);
    expect(room.sequences()).toEqual([30]);
  });

  it('gives a mixer up that breaks again and again, and tries it again when another is wanted', async () => {
    await room.wish([video()]);
    for (let loss = 0; loss < 7; loss++) {
      threads.all.find((thread) => !thread.terminated && thread.batches.length > 0)?.die('broken');
      await clock.advance(5000);
    }
    expect(reports).toEqual([{ type: 'mixer-failed', mixer: 'view/video', reason: 'broken' }]);
    const before = threads.pipelines.length;
    await room.wish([video()]);
    expect(threads.pipelines).toHaveLength(before);
    await room.wish([video(['a', 'b'])]);
    expect(threads.pipelines).toHaveLength(before + 1);
  });

  it('goes on where the machine has no more threads, and begins when it has', async () => {
    threads.exhaustion = new Error('EAGAIN');
    await room.wish([video(), { ...video([], ['other']), id: 'other' }]);
    expect(threads.pipelines).toHaveLength(1);
    threads.exhaustion = undefined;
    await clock.advance(1000);
    expect(threads.pipelines).toHaveLength(2);
    expect(reports).toEqual([]);
  });

  it('reports a pipeline that cannot be opened', async () => {
    threads.refusal = new Error('no memory');
    await room.wish([video()]);
    await clock.advance(20_000);
    expect(reports).toEqual([{ type: 'mixer-failed', mixer: 'view/video', reason: 'no memory' }]);
  });

  it('reports who speaks', async () => {
    await room.wish([audio]);
    threads.latest.out.speaker('s1');
    await clock.advance(120);
    expect(reports).toEqual([{ type: 'speaker', mixer: 'view/audio', stream: 's1' }]);
  });

  it('tells receivers how to line up picture and sound', async () => {
    await room.wish([{ ...video(), companion: audio.id }, audio]);
    const [pictures, sounds] = threads.pipelines;
    sounds?.out.ages([{ stream: 's', ageMs: 300 }]);
    pictures?.out.ages([{ stream: 's', ageMs: 260 }]);
    await clock.advance(2000);
    const at = clock.now();
    pictures?.frame('out', at);
    sounds?.frame('sound', at);
    await clock.advance(25);
    const wallMs = (track: string): number => {
      const report = routers.of('r').source(track)?.heard?.report;
      return (report?.ntpHigh ?? 0) * 1000 + ((report?.ntpLow ?? 0) / 2 ** 32) * 1000;
    };
    expect(wallMs('out') - wallMs('sound')).toBeCloseTo(40, 1);
  });

  it('leaves nothing behind after 200 rooms', async () => {
    for (let index = 0; index < 200; index++) {
      await room.wish([video(), audio], `room-${index}`);
      await room.wish([], `room-${index}`);
      expect(routers.of(`room-${index}`).source('out')).toBeUndefined();
    }
    expect(threads.pipelines).toHaveLength(400);
    // The one that waits for the next mixer.
    expect(threads.alive).toBe(1);
    node.close();
    await clock.advance(10);
    expect(threads.alive).toBe(0);
  });

  it('gives each video pipeline a thread and shares a few among audio pipelines', async () => {
    const mixers = Array.from({ length: 5 }, (_, index) => [
      { ...video([], [`v${index}`]), id: `v${index}` },
      { ...audio, id: `a${index}`, outputs: [] },
    ]).flat();
    await room.wish(mixers);
    // Five for video, two for audio on two cores, and the one that waits.
    expect(threads.alive).toBe(8);
    expect(threads.pipelines).toHaveLength(10);
  });
});
