// Owns what the tests of this folder share: sessions whose events can be waited for, skipping where nothing was built, and
// judging pictures with the codec modules.
import { describe, expect, vi } from 'vitest';
import { H264Decoder } from '../wasm/h264-decoder.ts';
import { copyPicture } from '../wasm/picture.ts';
import { freshVideo } from '../wasm/scripted-modules.ts';
import { VpxDecoder } from '../wasm/vpx-decoder.ts';
import type { NativeAddon, NativeCodec, NativeEvent, NativeSession, NativeSessionOptions } from './addon.ts';
import { loadAddon } from './load-addon.ts';

const loaded = loadAddon();

/** A `describe` whose tests need the addon; skipped, with a printed reason, where it does not load. */
export function describeNative(name: string, tests: (addon: NativeAddon) => void): void {
  if (loaded.addon === undefined) {
    console.warn(`skipped: ${name}: ${loaded.reason}`);
    describe.skip(name);
    return;
  }
  const { addon } = loaded;
  describe(name, () => tests(addon));
}

export type EventOf<Type extends NativeEvent['type']> = Extract<NativeEvent, { type: Type }>;

/** With sanitizers all takes many times as long. */
const patienceMs = process.env.LD_PRELOAD === undefined ? 10_000 : 200_000;

const sessions = new Set<NativeSession>();

/** A session that keeps what it was told, and lets tests wait for more. */
export class ScriptedSession {
  readonly events: NativeEvent[] = [];
  readonly session: NativeSession;
  #changed = (): void => {};

  constructor(addon: Pick<NativeAddon, 'open'>, options: Partial<NativeSessionOptions> = {}) {
    this.session = addon.open({ engine: 'cpu', ...options }, (events) => {
      this.events.push(...events);
      this.#changed();
    });
    sessions.add(this.session);
  }

  of<Type extends NativeEvent['type']>(type: Type): EventOf<Type>[] {
    return this.events.filter((event): event is EventOf<Type> => event.type === type);
  }

  /** Waits until there are so many events of a type; resolves with the last one. Rejects when the session ends before. */
  async until<Type extends NativeEvent['type']>(type: Type, count = 1): Promise<EventOf<Type>> {
    for (;;) {
      const last = this.of(type)[count - 1];
      if (last !== undefined) return last;
      if (this.events.at(-1)?.type === 'closed') {
        throw new Error(`closed before ${type}: ${JSON.stringify(this.of('failed'))}`);
      }
      await new Promise<void>((resolve) => {
        this.#changed = resolve;
      });
    }
  }

  /** Closes it and waits until everything is freed. */
  async close(): Promise<void> {
    this.session.close();
    await this.until('closed');
  }
}

/** Waits until nothing lives in the process any more; what a failed test left open is closed first. */
export async function expectNothingLeft(addon: NativeAddon): Promise<void> {
  for (const session of sessions) session.close();
  sessions.clear();
  const zero = {
    ...{ sessions: 0, decoders: 0, canvases: 0, encoders: 0, pictures: 0 },
    ...{ surfaces: 0, deviceBuffers: 0, queuedBytes: 0 },
  };
  await vi.waitFor(() => expect(addon.counters()).toEqual(zero), { timeout: patienceMs });
}

/** Layers as `compose` takes them: whole pictures of a size, each to a place. */
export function layers(
  ...each: readonly {
    readonly picture: number;
    readonly source: readonly [number, number, number, number];
    readonly destination: readonly [number, number, number, number];
  }[]
): Int32Array {
  return Int32Array.from(
    each.flatMap(({ picture, source, destination }) => [picture, ...source, ...destination]),
  );
}

/** Decodes a stream with the codec modules; gives packed I420, undefined where there is no picture. */
export async function judge(codec: NativeCodec): Promise<(data: Uint8Array) => Uint8Array | undefined> {
  const video = await freshVideo();
  if (codec !== 'h264' && codec !== 'vp8' && codec !== 'vp9') throw new Error(`no module decodes ${codec}`);
  const decoder = codec === 'h264' ? new H264Decoder(video) : new VpxDecoder(video, codec);
  return (data) => {
    const decoded = decoder.decode(data);
    return decoded.kind === 'picture' ? copyPicture(video, decoded.picture) : undefined;
  };
}

/** Peak signal-to-noise ratio in dB; Infinity for equal pictures. */
export function psnr(one: Uint8Array, other: Uint8Array): number {
  if (one.length !== other.length) throw new Error(`pictures of ${one.length} and ${other.length} bytes`);
  const squares = one.reduce((sum, value, at) => sum + (value - (other[at] ?? 0)) ** 2, 0);
  return squares === 0 ? Infinity : 10 * Math.log10((255 * 255 * one.length) / squares);
}
