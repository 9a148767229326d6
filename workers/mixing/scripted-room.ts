// Owns a room `r` on a mixing node for tests: its document, who sends into it, and what is reported, all on the test's clock
// and with scripted threads.
import { expect } from 'vitest';
import type { DesiredMixer, DesiredRoom, ReportItem } from '../../schemas/worker.ts';
import { ManualClock } from '../agent/testing/manual-clock.ts';
import type { EngineChoice } from '../engine/engine-choice.ts';
import { Routers } from '../routing/routers.ts';
import { Source } from '../routing/source.ts';
import { gridInputs, outputOf, viewOf } from '../video/scripted-view.ts';
import { receive, testPayload } from '../webrtc/testing/test-media.ts';
import { vp8Payload } from '../webrtc/testing/test-packets.ts';
import { createMixNode, type MixNode, type MixNodeOptions } from './node.ts';
import { ScriptedThreads } from './scripted-threads.ts';

/** A view of these inputs with VP8 outputs. */
export const video = (inputs = ['a'], outputs = ['out']) =>
  viewOf(
    gridInputs(inputs, 2),
    outputs.map((track) => outputOf(track)),
  );

export const audio = {
  kind: 'audio',
  id: 'view/audio',
  inputs: [],
  outputs: [{ track: 'sound', format: { codec: 'opus', sampleRate: 48_000, channelNum: 2 } }],
} satisfies DesiredMixer;

const vp8 = { codec: 'vp8' } as const;

/** An engine that does VP8. */
export const engine = (id: EngineChoice['id']): EngineChoice => ({
  id,
  capabilities: { decode: [vp8], encode: [vp8], maxSize: 4096 },
});

/** What differs between tests; `apart`: pipelines on devices have threads of their own. */
export type ScriptedRoomOptions = Pick<MixNodeOptions, 'engines' | 'budget'> & { readonly apart?: boolean };

export class ScriptedRoom {
  readonly clock = new ManualClock();
  readonly threads = new ScriptedThreads(this.clock);
  /** What runs apart from the worker. */
  readonly processes = new ScriptedThreads(this.clock);
  readonly routers = new Routers();
  readonly reports: ReportItem[] = [];
  readonly node: MixNode;
  #version = 0;

  constructor({ apart = false, ...options }: ScriptedRoomOptions = {}) {
    this.node = createMixNode({
      engines: [engine('vaapi'), engine('cpu')],
      ...options,
      routers: this.routers,
      clock: this.clock,
      log: { info: () => undefined, warn: () => undefined, error: () => undefined },
      report: (room, items) => {
        expect(room).toBe('r');
        this.reports.push(...items);
      },
      startThread: this.threads.start,
      ...(apart ? { startApart: this.processes.start } : {}),
      cores: 2,
    });
  }

  /** The next document. */
  async wish(mixers: readonly DesiredMixer[], room = 'r'): Promise<void> {
    this.#version++;
    const desired: DesiredRoom = { room, version: this.#version, transports: [], mixers: [...mixers] };
    this.node.apply(desired);
    await this.clock.advance(10);
  }

  /** `plis`: when key frames were asked for. */
  publish(track: string, plis: number[] = []): Source {
    const source = new Source({
      track,
      kind: 'video',
      rid: undefined,
      payload: testPayload(96, 'vp8'),
      redType: undefined,
      feedback: { nack: () => undefined, pli: () => plis.push(this.clock.now()) },
      resized: () => undefined,
    });
    source.bind(1000);
    this.routers.of('r').publish(source, this.clock.now());
    return source;
  }

  send(source: Source, sequence: number, key = false): void {
    const payload = vp8Payload(key, sequence);
    const packet = { type: 96, ssrc: source.ssrc ?? 0, sequence, timestamp: sequence * 3000, payload };
    receive(source, packet, this.clock.now());
  }

  /** Of the packets that came to the latest pipeline in a thread of the worker. */
  sequences(): number[] {
    return this.threads.latest.packets.map(({ packet }) =>
      new DataView(packet.buffer, packet.byteOffset).getUint16(2),
    );
  }
}
