import { beforeEach, describe, expect, it } from 'vitest';
import type { DesiredMixer, DesiredRoom, ReportItem } from '../../schemas/worker.ts';
import { ManualClock } from '../agent/testing/manual-clock.ts';
import type { EngineChoice } from '../engine/engine-choice.ts';
import { EngineFailure } from '../engine/engine-failure.ts';
import { Routers } from '../routing/routers.ts';
import { Source } from '../routing/source.ts';
import { gridInputs, outputOf, viewOf } from '../video/scripted-view.ts';
import { chooseForwarded } from '../webrtc/codecs.ts';
import { receive, testPayload } from '../webrtc/testing/test-media.ts';
import { vp8Payload } from '../webrtc/testing/test-packets.ts';
import { DeviceBudget } from './device-budget.ts';
import { createMixNode, type MixNode } from './node.ts';
import { ScriptedThreads } from './scripted-threads.ts';

const video = (inputs = ['a'], outputs = ['out']) =>
  viewOf(
    gridInputs(inputs, 2),
    outputs.map((track) => outputOf(track)),
  );
const audio = {
  kind: 'audio',
  id: 'view/audio',
  inputs: [],
  outputs: [{ track: 'sound', format: { codec: 'opus', sampleRate: 48_000, channelNum: 2 } }],
} satisfies DesiredMixer;

const vp8 = { codec: 'vp8' } as const;
const engine = (id: EngineChoice['id'], formats: EngineChoice['capabilities']['decode'] = [vp8]) => ({
  id,
  capabilities: { decode: formats, encode: formats, maxSize: 4096 },
});

describe('the mixers of rooms', () => {
  let clock: ManualClock;
  let threads: ScriptedThreads;
  let routers: Routers;
  let reports: ReportItem[];
  let node: MixNode;
  let version: number;

  beforeEach(async () => {
    clock = new ManualClock();
    threads = new ScriptedThreads(clock);
    routers = new Routers();
    reports = [];
    version = 0;
    node = createMixNode({
      routers,
      clock,
      log: { info: () => undefined, warn: () => undefined, error: () => undefined },
      report: (room, items) => {
        expect(room).toBe('r');
        reports.push(...items);
      },
      startThread: threads.start,
      engines: [engine('vaapi'), engine('cpu')],
      cores: 2,
    });
    await clock.advance(10);
  });

  const wish = async (mixers: readonly DesiredMixer[], room = 'r'): Promise<void> => {
    version++;
    const desired: DesiredRoom = { room, version, transports: [], mixers: [...mixers] };
    node.apply(desired);
    await clock.advance(10);
  };
  const publish = (track: string, plis: number[] = []): Source => {
    const source = new Source({
      track,
      kind: 'video',
      rid: undefined,
      payload: testPayload(96, 'vp8'),
      redType: undefined,
      feedback: { nack: () => undefined, pli: () => plis.push(clock.now()) },
      resized: () => undefined,
    });
    source.bind(1000);
    routers.of('r').publish(source, clock.now());
    return source;
  };
  const send = (source: Source, sequence: number, key = false): void => {
    const payload = vp8Payload(key, sequence);
    const packet = { type: 96, ssrc: source.ssrc ?? 0, sequence, timestamp: sequence * 3000, payload };
    receive(source, packet, clock.now());
  };
  const sequences = (pipeline = threads.latest): number[] =>
    pipeline.packets.map(({ packet }) => new DataView(packet.buffer, packet.byteOffset).getUint16(2));

  it('tells at once that it has no engine of those that a room allows, and which it has', async () => {
    await wish([{ ...viewOf([], [outputOf('out')]), engines: ['qsv'] }]);
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
    await wish([viewOf([], outputs), audio]);
    for (const [index, [, offered]] of formats.entries()) {
      const source = routers.of('r').source(String(index));
      expect(source && chooseForwarded(source.payload, [offered])).toBe(offered);
    }
    const sound = routers.of('r').source('sound');
    expect(sound && chooseForwarded(sound.payload, [testPayload(111, 'opus', 48_000, 2)])).toBeDefined();
  });

  it('configures a pipeline once for each document that differs', async () => {
    await wish([video()]);
    await wish([video()]);
    await wish([video(['a', 'b'])]);
    expect(threads.pipelines).toHaveLength(1);
    expect(threads.latest.configured.map(({ inputs }) => inputs.length)).toEqual([1, 2]);
  });

  it('ignores a document older than the one held', async () => {
    await wish([video()]);
    node.apply({ room: 'r', version: 0, transports: [], mixers: [audio] });
    expect(routers.of('r').source('out')).toBeDefined();
  });

  it('passes on packets from a key frame on, which it asks for', async () => {
    const plis: number[] = [];
    const source = publish('a-track', plis);
    await wish([video()]);
    expect(plis).toHaveLength(1);
    send(source, 1);
    send(source, 2, true);
    send(source, 3);
    await clock.advance(10);
    expect(sequences()).toEqual([2, 3]);
    expect([...threads.latest.lines.values()]).toMatchObject([
      { line: 1, input: 'a', payloadType: 96, clockRate: 90_000, format: { codec: 'vp8' } },
    ]);
  });

  it('sends many packets in one message', async () => {
    const source = publish('a-track');
    await wish([video()]);
    const thread = threads.all[0];
    const before = thread?.batches.length ?? 0;
    for (let sequence = 1; sequence < 100; sequence++) send(source, sequence, sequence === 1);
    await clock.advance(10);
    expect(thread?.batches.length).toBe(before + 1);
    expect(sequences()).toHaveLength(99);
  });

  it('begins another line when the sender begins another stream', async () => {
    const source = publish('a-track');
    await wish([video()]);
    send(source, 1, true);
    source.bind(2000);
    send(source, 50);
    send(source, 51, true);
    await clock.advance(10);
    expect(threads.latest.ended).toEqual([1]);
    expect([...threads.latest.lines.keys()]).toEqual([2]);
    expect(sequences()).toEqual([1, 51]);
  });

  it('gives a pipeline’s frames to the sinks as packets, and says when they were', async () => {
    await wish([video()]);
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
    await wish([video()]);
    routers.of('r').source('out')?.requestKeyFrame(clock.now());
    await clock.advance(10);
    expect(threads.latest.keyFrames).toEqual(['out']);
  });

  it('passes a pipeline’s wish for a key frame to the sender of the line', async () => {
    const plis: number[] = [];
    const source = publish('a-track', plis);
    await wish([video()]);
    send(source, 1, true);
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
      const source = publish('a-track');
      await wish([video(['a', 'b'])]);
      send(source, 1, true);
      await clock.advance(10);
      const ssrc = routers.of('r').source('out')?.ssrc;
      node.disturb(how, 'video');
      send(source, 2);
      await clock.advance(800);
      send(source, 3);
      await clock.advance(10);
      expect(threads.pipelines).toHaveLength(2);
      expect(threads.latest.configured).toHaveLength(1);
      expect(sequences()).toEqual([1, 2, 3]);
      expect(routers.of('r').source('out')?.ssrc).not.toBe(ssrc);
      await clock.advance(2000);
      expect(node.stats('r')).toMatchObject([{ rebuilds: 1 }]);
      expect(reports).toEqual([]);
    },
  );

  it('is more patient with a thread that has no core', async () => {
    await wish([video()]);
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
    const source = publish('a-track');
    await wish([video()]);
    for (const losses of [1, 2]) {
      send(source, losses * 10, losses === 1);
      await clock.advance(10);
      threads.latest.breaksWith = new Error('out of bounds');
      send(source, losses * 10 + 1);
      await clock.advance(20);
      expect(threads.pipelines).toHaveLength(losses + 1);
    }
    expect(sequences()).toEqual([]);
    send(source, 30, true);
    await clock.advance(10);
    expect(sequences()).toEqual([30]);
  });

  it('goes on with the next engine when one fails, and tells why', async () => {
    const source = publish('a-track');
    await wish([video()]);
    send(source, 1, true);
    await clock.advance(10);
    threads.latest.breaksWith = new EngineFailure('vaapi', 'the device is busy');
    send(source, 2);
    await clock.advance(20);
    expect(threads.engines).toEqual(['vaapi', 'cpu']);
    expect(sequences()).toEqual([1, 2]);
    threads.latest.breaksWith = new EngineFailure('cpu', 'out of memory');
    send(source, 3);
    await clock.advance(20);
    expect(threads.engines).toEqual(['vaapi', 'cpu', 'wasm']);
    await clock.advance(2000);
    const reason = 'the engine cpu failed: out of memory';
    expect(node.stats('r')).toMatchObject([{ rebuilds: 2, fallbacks: 2, fallbackReason: reason }]);
    expect(reports).toEqual([]);
  });

  it('keeps other mixers away from an engine that failed, until one has tried it', async () => {
    await wish([video()]);
    threads.latest.breaksWith = new EngineFailure('vaapi', 'the device is busy');
    const source = publish('a-track');
    send(source, 1, true);
    await clock.advance(20);
    const mixers = ['b/video', 'c/video', 'd/video'].map((id) => ({ ...video(), id }));
    await wish([video(), ...mixers.slice(0, 1)]);
    expect(threads.engines).toEqual(['vaapi', 'cpu', 'cpu']);
    await clock.advance(10_000);
    await wish([video(), ...mixers]);
    expect(threads.engines.slice(3)).toEqual(['vaapi', 'cpu']);
  });

  it.each<['device' | 'session', string[]]>([
    ['device', ['vaapi', 'cpu', 'cpu']],
    ['session', ['vaapi', 'cpu', 'vaapi']],
  ])('keeps others away from what failed with scope %s, or not', async (scope, engines) => {
    const source = publish('a-track');
    await wish([video()]);
    threads.latest.breaksWith = new EngineFailure('vaapi', 'out of surfaces', { scope });
    send(source, 1, true);
    await clock.advance(20);
    await wish([video(), { ...video(), id: 'b/video' }]);
    expect(threads.engines).toEqual(engines);
  });

  describe('a stream that breaks engines', () => {
    const breakWith = async (
      source: Source,
      sequence: number,
      scope: 'device' | 'session',
    ): Promise<void> => {
      const { engines } = threads;
      threads.latest.breaksWith = new EngineFailure(
        engines.at(-1) === 'cpu' ? 'cpu' : 'vaapi',
        'cannot decode',
        {
          scope,
          input: 'a',
        },
      );
      send(source, sequence, true);
      await clock.advance(20);
    };
    const isActive = () => {
      const settings = threads.latest.configured.at(-1);
      return settings?.kind === 'video' ? settings.inputs.map(({ active }) => active) : [];
    };

    it('does not move the room: it is not given again, then not decoded for a while, and told of', async () => {
      const [bad, good] = [publish('a-track'), publish('b-track')];
      await wish([video(['a', 'b'])]);
      send(good, 1, true);
      await clock.advance(10);
      await breakWith(bad, 100, 'session');
      expect(sequences()).toEqual([1]);
      expect(isActive()).toEqual([true, true]);
      await breakWith(bad, 200, 'session');
      expect(isActive()).toEqual([false, true]);
      expect(threads.engines).toEqual(['vaapi', 'vaapi', 'vaapi']);
      send(bad, 201);
      await clock.advance(2000);
      expect(threads.pipelines).toHaveLength(3);
      threads.latest.statsInputs = ['a', 'b'];
      await clock.advance(2000);
      const reason = 'the engine vaapi failed: cannot decode';
      const [stats] = node.stats('r');
      expect(stats).toMatchObject({ fallbacks: 0, inputs: [{ id: 'a', isolated: reason }, { id: 'b' }] });
      expect(stats?.inputs[1]).not.toHaveProperty('isolated');
      await clock.advance(60_000);
      expect(isActive()).toEqual([true, true]);
      await breakWith(bad, 300, 'session');
      expect(isActive()).toEqual([false, true]);
      await clock.advance(61_000);
      expect(isActive()).toEqual([false, true]);
      expect(reports).toEqual([]);
    });

    it('does not fall through all engines where it makes devices fail', async () => {
      const bad = publish('a-track');
      await wish([video()]);
      for (let round = 1; round <= 8; round++) {
        if (isActive()[0] === true) await breakWith(bad, 100 * round, 'device');
        await clock.advance(1000);
      }
      expect(threads.engines).toEqual(['vaapi', 'cpu', 'wasm']);
      expect(isActive()).toEqual([false]);
      expect(reports).toEqual([]);
    });

    it('is forgotten with its input', async () => {
      const bad = publish('a-track');
      await wish([video()]);
      await breakWith(bad, 100, 'session');
      await breakWith(bad, 200, 'session');
      await wish([video(['b'])]);
      await wish([video()]);
      expect(isActive()).toEqual([true]);
    });
  });

  describe('a mixer that fell', () => {
    const fall = async (source: Source, sequence: number): Promise<void> => {
      threads.latest.breaksWith = new EngineFailure('vaapi', 'the device is busy');
      send(source, sequence, true);
      await clock.advance(20);
    };

    it('returns when the engine is tried again and it has been away for a while, with all that it needs', async () => {
      const plis: number[] = [];
      const source = publish('a-track', plis);
      await wish([video()]);
      await fall(source, 1);
      await clock.advance(29_000);
      expect(threads.engines).toEqual(['vaapi', 'cpu']);
      plis.length = 0;
      for (let second = 0; second < 3 && plis.length === 0; second++) await clock.advance(1000);
      expect(plis).toHaveLength(1);
      expect(threads.engines).toEqual(['vaapi', 'cpu']);
      send(source, 2, true);
      send(source, 3);
      await clock.advance(100);
      expect(threads.engines).toEqual(['vaapi', 'cpu', 'vaapi']);
      expect(sequences()).toEqual([2, 3]);
      await clock.advance(2000);
      expect(node.stats('r')).toMatchObject([{ rebuilds: 1, fallbacks: 1 }]);
    });

    it('goes without the key frame of who sends none', async () => {
      const source = publish('a-track');
      await wish([video()]);
      await fall(source, 1);
      await clock.advance(33_000);
      expect(threads.engines).toEqual(['vaapi', 'cpu', 'vaapi']);
    });

    it('waits twice as long after each further fall', async () => {
      const source = publish('a-track');
      await wish([video()]);
      await fall(source, 1);
      await clock.advance(33_000);
      await fall(source, 10);
      await clock.advance(55_000);
      expect(threads.engines).toEqual(['vaapi', 'cpu', 'vaapi', 'cpu']);
      await clock.advance(10_000);
      expect(threads.engines.slice(4)).toEqual(['vaapi']);
    });

    it('is followed by those that began elsewhere meanwhile', async () => {
      const source = publish('a-track');
      await wish([video()]);
      await fall(source, 1);
      const other = { ...video(), id: 'b/video' };
      await wish([video(), other]);
      expect(threads.engines).toEqual(['vaapi', 'cpu', 'cpu']);
      await clock.advance(50_000);
      expect(threads.engines.slice(3)).toEqual(['vaapi', 'vaapi']);
    });

    it('waits for a calm moment', async () => {
      const source = publish('a-track');
      await wish([video()]);
      await fall(source, 1);
      await clock.advance(28_000);
      for (let second = 0; second < 6; second++) {
        await wish([video(second % 2 === 0 ? ['a', 'b'] : ['a'])]);
        await clock.advance(1000);
      }
      expect(threads.engines).toEqual(['vaapi', 'cpu']);
      await clock.advance(8000);
      expect(threads.engines).toEqual(['vaapi', 'cpu', 'vaapi']);
    });

    it('does not come with all others: one tries, the others follow one after the other', async () => {
      const source = publish('a-track');
      const mixers = ['a', 'b', 'c'].map((id) => ({ ...video(), id: `${id}/video` }));
      await wish(mixers);
      for (const pipeline of threads.pipelines) {
        pipeline.breaksWith = new EngineFailure('vaapi', 'the device is busy');
      }
      send(source, 1, true);
      await clock.advance(20);
      expect(threads.engines.slice(3)).toEqual(['cpu', 'cpu', 'cpu']);
      const returned = async (ms: number): Promise<number> => {
        await clock.advance(ms);
        return threads.engines.slice(6).length;
      };
      expect(await returned(33_500)).toBe(1);
      expect(await returned(3000)).toBe(1);
      expect(await returned(3000)).toBeLessThan(3);
      expect(await returned(6000)).toBe(3);
    });
  });

  it('stays on its engine when its thread is lost for another reason', async () => {
    await wish([video()]);
    node.disturb('kill', 'video');
    await clock.advance(50);
    expect(threads.engines).toEqual(['vaapi', 'vaapi']);
    await clock.advance(2000);
    expect(node.stats('r')).toMatchObject([{ rebuilds: 1, fallbacks: 0 }]);
  });

  describe('on a device', () => {
    let processes: ScriptedThreads;
    let budget: DeviceBudget;

    beforeEach(async () => {
      // Two of these pictures fit.
      budget = new DeviceBudget({ triedMs: 200 });
      processes = new ScriptedThreads(clock);
      node.close();
      node = createMixNode({
        routers,
        clock,
        log: { info: () => undefined, warn: () => undefined, error: () => undefined },
        report: (_, items) => reports.push(...items),
        startThread: threads.start,
        startApart: processes.start,
        engines: [{ ...engine('vaapi'), device: '/dev/dri/renderD128' }, engine('cpu')],
        budget,
        cores: 2,
      });
      await clock.advance(10);
    });

    it('makes pictures, and nothing else, apart from the worker', async () => {
      await wish([video(), audio]);
      expect([processes.engines, threads.engines]).toEqual([['vaapi'], [undefined]]);
      // Each kind has one more that waits.
      expect([processes.alive, threads.alive]).toEqual([2, 2]);
      node.close();
      await clock.advance(10);
      expect([processes.alive, threads.alive]).toEqual([0, 0]);
    });

    it('makes no more than fits there, and another when one has ended', async () => {
      const views = (...ids: string[]) => ids.map((id) => ({ ...video(), id }));
      await wish(views('a', 'b', 'c'));
      expect([processes.engines, threads.engines]).toEqual([['vaapi', 'vaapi'], ['cpu']]);
      await wish(views('b', 'c'));
      expect(budget.mixers).toBe(1);
      await wish(views('b', 'c', 'd', 'e'));
      expect([processes.engines.length, threads.engines.length, budget.mixers]).toEqual([3, 2, 2]);
      await wish([]);
      expect(budget.mixers).toBe(0);
    });

    it('goes on in the worker when the device is drained, which is no fallback', async () => {
      const source = publish('a-track');
      await wish([video()]);
      send(source, 1, true);
      await clock.advance(10);
      node.useDevice('draining');
      await clock.advance(20);
      expect(threads.engines).toEqual([]);
      node.useDevice('drained');
      await clock.advance(20);
      expect([threads.engines, budget.mixers]).toEqual([['cpu'], 0]);
      expect(sequences()).toEqual([1]);
      await clock.advance(2000);
      expect(node.stats('r')).toMatchObject([{ rebuilds: 0, fallbacks: 0 }]);
      node.useDevice('used');
      await wish([video(), { ...video(), id: 'b/video' }]);
      expect(processes.engines).toEqual(['vaapi', 'vaapi']);
    });

    it('goes on in the worker with the next engine when its process is gone', async () => {
      const source = publish('a-track');
      await wish([video()]);
      send(source, 1, true);
      await clock.advance(10);
      processes.all[0]?.die('its process ended by SIGSEGV');
      await clock.advance(20);
      expect([processes.engines, threads.engines]).toEqual([['vaapi'], ['cpu']]);
      expect(sequences()).toEqual([1]);
      await clock.advance(2000);
      const fallbackReason = 'the engine vaapi failed: its process ended by SIGSEGV';
      expect(node.stats('r')).toMatchObject([{ rebuilds: 1, fallbacks: 1, fallbackReason }]);
      await wish([video(), { ...video(), id: 'b/video' }]);
      expect([processes.engines, threads.engines]).toEqual([['vaapi'], ['cpu', 'cpu']]);
    });
  });

  it('moves to an engine that can do what is asked for now', async () => {
    await wish([video()]);
    const h264 = { ...outputOf('h264', { codec: 'h264' }) };
    await wish([{ ...video(), outputs: [outputOf('out'), h264] }]);
    expect(threads.engines).toEqual(['vaapi', 'wasm']);
    expect(threads.pipelines.map(({ closed }) => closed)).toEqual([1, 0]);
    await wish([{ ...video(['a', 'b']), outputs: [outputOf('out'), h264] }]);
    expect(threads.pipelines).toHaveLength(2);
  });

  it('gives a mixer up that breaks again and again, and tries it again when another is wanted', async () => {
    await wish([video()]);
    for (let loss = 0; loss < 7; loss++) {
      threads.all.find((thread) => !thread.terminated && thread.batches.length > 0)?.die('broken');
      await clock.advance(5000);
    }
    expect(reports).toEqual([{ type: 'mixer-failed', mixer: 'view/video', reason: 'broken' }]);
    const before = threads.pipelines.length;
    await wish([video()]);
    expect(threads.pipelines).toHaveLength(before);
    await wish([video(['a', 'b'])]);
    expect(threads.pipelines).toHaveLength(before + 1);
  });

  it('reports a pipeline that cannot be opened', async () => {
    threads.refusal = new Error('no memory');
    await wish([video()]);
    await clock.advance(20_000);
    expect(reports).toEqual([{ type: 'mixer-failed', mixer: 'view/video', reason: 'no memory' }]);
  });

  it('reports who speaks', async () => {
    await wish([audio]);
    threads.latest.out.speaker('s1');
    await clock.advance(120);
    expect(reports).toEqual([{ type: 'speaker', mixer: 'view/audio', stream: 's1' }]);
  });

  it('tells receivers how to line up picture and sound', async () => {
    await wish([{ ...video(), companion: audio.id }, audio]);
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
      await wish([video(), audio], `room-${index}`);
      await wish([], `room-${index}`);
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
    await wish(mixers);
    // Five for video, two for audio on two cores, and the one that waits.
    expect(threads.alive).toBe(8);
    expect(threads.pipelines).toHaveLength(10);
  });
});
