import { beforeEach, describe, expect, it } from 'vitest';
import { ManualClock } from '../agent/testing/manual-clock.ts';
import { EngineFailure } from '../engine/engine-failure.ts';
import { outputOf, viewOf } from '../video/scripted-view.ts';
import { beatMs, type Command, type PipelineEvent, type PipelineSettings, type Turn } from './messages.ts';
import { writeSlab } from './packet-slab.ts';
import { ScriptedPipeline } from './scripted-threads.ts';
import { ThreadHost } from './thread-host.ts';

const settings = viewOf([], [outputOf('out')]);
const open = (pipeline: number): Command => ({ type: 'open', pipeline, settings, engine: undefined });
const packets = (pipeline: number, count: number): Command => ({
  type: 'packets',
  slab: writeSlab(
    Array.from({ length: count }, (_, index) => ({
      pipeline,
      line: 1,
      arrivedMs: 0,
      bytes: Uint8Array.of(index),
    })),
  ),
});

describe('the pipelines of a thread', () => {
  let clock: ManualClock;
  let turns: { readonly turn: Turn; readonly atMs: number }[];
  let pipelines: ScriptedPipeline<PipelineSettings>[];
  let opening: Promise<void>;
  let host: ThreadHost;

  beforeEach(() => {
    clock = new ManualClock();
    turns = [];
    pipelines = [];
    opening = Promise.resolve();
    host = new ThreadHost({
      nowMs: () => clock.now(),
      after: (ms, callback) => clock.after(ms, callback),
      send: (turn) => turns.push({ turn, atMs: clock.now() }),
      openVideo: async (out) => {
        await opening;
        const pipeline = new ScriptedPipeline<PipelineSettings>(out);
        pipelines.push(pipeline);
        return pipeline;
      },
      openAudio: () => Promise.reject(new Error('no sound')),
    });
  });

  const tell = async (...commands: Command[]): Promise<void> => {
    host.receive({ commands });
    await clock.advance(0);
  };
  const events = (pipeline: number): PipelineEvent[] =>
    turns.flatMap(({ turn }) =>
      turn.events.filter((one) => one.pipeline === pipeline).map(({ event }) => event),
    );

  it('tells that it lives, with nothing to do too', async () => {
    await clock.advance(1000);
    const gaps = turns.slice(1).map(({ atMs }, index) => atMs - (turns[index]?.atMs ?? 0));
    expect(gaps.length).toBeGreaterThanOrEqual(10);
    expect(Math.max(...gaps)).toBe(beatMs);
  });

  it('tells which batches it is done with', async () => {
    await tell(open(1));
    await tell();
    expect(turns.at(-1)?.turn.done).toBe(2);
  });

  it('keeps what comes before a pipeline is open, in order', async () => {
    let finish = (): void => undefined;
    opening = new Promise((resolve) => {
      finish = resolve;
    });
    await tell(open(1), packets(1, 2));
    await tell(packets(1, 1), { type: 'key-frame', pipeline: 1, output: 'out' });
    finish();
    await clock.advance(0);
    const [pipeline] = pipelines;
    expect(pipeline?.configured).toHaveLength(1);
    expect(pipeline?.packets.map(({ packet }) => packet[0])).toEqual([0, 1, 0]);
    expect(pipeline?.keyFrames).toEqual(['out']);
  });

  it('does not keep packets for ever for one that never opens', async () => {
    opening = new Promise(() => undefined);
    await tell(open(1));
    for (let batch = 0; batch < 21; batch++) await tell(packets(1, 1000));
    expect(events(1)).toEqual([{ type: 'failed', reason: 'it does not open' }]);
  });

  it('calls each when it wants to be called, and at once when something came', async () => {
    await tell(open(1), open(2));
    await clock.advance(100);
    const [one, other] = pipelines;
    const before = [one?.ticks ?? 0, other?.ticks ?? 0];
    await tell(packets(1, 1));
    expect([one?.ticks, other?.ticks]).toEqual([(before[0] ?? 0) + 1, before[1]]);
    expect(before[0]).toBeGreaterThanOrEqual(5);
    expect(before[0]).toBeLessThanOrEqual(8);
  });

  it('ends one that throws, tells so, and leaves the others alone', async () => {
    await tell(open(1), open(2));
    const [one, other] = pipelines;
    if (one) one.breaksWith = new Error('out of bounds');
    await tell(packets(1, 3), packets(2, 3));
    expect(events(1).filter(({ type }) => type === 'failed')).toEqual([
      { type: 'failed', reason: 'out of bounds' },
    ]);
    expect(one?.closed).toBe(1);
    expect(other?.packets).toHaveLength(3);
  });

  it('tells of one that cannot be opened', async () => {
    await tell({
      type: 'open',
      pipeline: 1,
      settings: { kind: 'audio', id: 'a', inputs: [], outputs: [] },
      engine: undefined,
    });
    expect(events(1)).toEqual([{ type: 'failed', reason: 'no sound' }]);
  });

  it('tells failures of engines apart from others', async () => {
    await tell(open(1));
    const [one] = pipelines;
    if (one) one.breaksWith = new EngineFailure('vaapi', 'the device is busy');
    await tell(packets(1, 1));
    expect(events(1).at(-1)).toEqual({
      type: 'failed',
      reason: 'the engine vaapi failed: the device is busy',
      engine: { scope: 'device' },
    });
  });

  it('passes on at once what an engine gives between two turns', async () => {
    await tell(open(1));
    await clock.advance(5);
    const before = turns.length;
    const [one] = pipelines;
    one?.frame('out', clock.now());
    one?.frame('out', clock.now());
    await clock.advance(0);
    expect(turns.slice(before)).toMatchObject([{ atMs: clock.now(), turn: { events: [{}, {}] } }]);
  });

  it('is done with batches only when their work does not wait in an engine', async () => {
    await tell(open(1));
    const [one] = pipelines;
    const done = (): number | undefined => turns.at(-1)?.turn.done;
    if (one) one.isBehind = true;
    const before = done();
    await tell(packets(1, 1), packets(1, 2));
    await clock.advance(1000);
    expect(done()).toBe(before);
    if (one) one.isBehind = false;
    await clock.advance(50);
    expect(done()).toBe((before ?? 0) + 1);
  });

  it('closes one that is told to before it is open', async () => {
    await tell(open(1), { type: 'close', pipeline: 1 });
    expect(pipelines.map(({ closed }) => closed)).toEqual([1]);
    expect(events(1)).toEqual([]);
  });

  it('tells figures about once a second', async () => {
    await tell(open(1));
    await clock.advance(5000);
    const told = events(1).filter(({ type }) => type === 'stats').length;
    expect(told).toBeGreaterThanOrEqual(5);
    expect(told).toBeLessThanOrEqual(6);
  });
});
