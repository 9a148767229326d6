// Owns the fuzz target of a composed view: settings, lines and packets in any order, of hostile content between sound one.
// Nothing of it may throw, and the memory of the engine stays bounded.
import type { Format } from '../../schemas/worker.ts';
import { builtFolder, readModule } from '../../wasm/locate.ts';
import { loadVideo } from '../../wasm/video.ts';
import type { EngineSession } from '../../workers/engine/engine.ts';
import { WasmCore } from '../../workers/engine/wasm/wasm-core.ts';
import { wasmCapabilities } from '../../workers/engine/wasm/wasm-capabilities.ts';
import { WasmSession } from '../../workers/engine/wasm/wasm-session.ts';
import type { Line, VideoPipeline } from '../../workers/mixing/pipeline.ts';
import { ScriptedCamera } from '../../workers/video/scripted-camera.ts';
import { outputOf, viewOf } from '../../workers/video/scripted-view.ts';
import { createVideoPipeline } from '../../workers/video/video-pipeline.ts';
import { hostileBytes, integer, must } from './hostile-bytes.ts';
import type { FuzzTarget } from './target.ts';

const names = ['a', 'b', 'c', 'd', 'e'];
const codecs = ['vp8', 'vp9', 'h264'] as const;
const formats: readonly Format[] = [
  ...codecs.map((codec) => ({ codec })),
  { codec: 'h265' },
  { codec: 'opus' },
];
const numbers = [0, 1, 2, 16, 17, 30, 64, 90, 180, 1000, 1e9, -1, 0.5, NaN, Infinity];
const fractions = ['0/1', '1/2', '1/3', '2/3', '1/1', '9/2', '1/0', 'x', '1/1000'];
const openings = [
  [0x90, 0xe0, 0x80, 1, 1, 0, 0x10, 0, 0, 0x9d, 1, 0x2a, 160, 0, 90, 0],
  [0x90, 0xe0, 0x80, 1, 1, 0, 0x10, 0, 0, 0x9d, 1, 0x2a, 255, 63, 255, 63],
  [0xaa, 0x80, 1, 0, 0, 8, 1, 0x14, 1, 0x82, 0x49, 0x83, 0x42, 0],
  [0x67, 0x42, 0xc0, 0x1f, 0x8c, 0x8d, 0x40],
  [0x65, 0x88, 0x84],
  [0x7c, 0x85, 0x88],
];

/** Pictures of so few pixels take little; this is far above all that the settings below ask for. */
const maxMemoryBytes = 300 * 1024 * 1024;

export const videoPipelineTarget: FuzzTarget = {
  name: 'video-pipeline',
  async run(random, iterations) {
    if (builtFolder() === undefined) return;
    const pick = <Item>(items: readonly [Item, ...Item[]] | readonly Item[]): Item => {
      const item = items[integer(random, items.length)];
      if (item === undefined) throw new Error('nothing to pick from');
      return item;
    };
    const wrong = { reason: '' };
    const core = new WasmCore(
      await loadVideo(await readModule('video')),
      (reason) => (wrong.reason = reason),
    );
    const session: EngineSession = new WasmSession(core);
    const tracks = new Set<string>();
    const untaken = new Set<string>();
    const pipeline = await createVideoPipeline({
      engine: {
        id: 'wasm',
        capabilities: wasmCapabilities,
        worksApart: false,
        open: () => Promise.resolve(session),
      },
      out: {
        frame: ({ output, payloads, timestamp }) => {
          must(tracks.has(output), 'a frame is of an output that is wanted');
          must(payloads.length > 0 && payloads.every(({ length }) => length <= 1100), 'payloads fit packets');
          must(timestamp >= 0 && timestamp < 2 ** 32, 'a timestamp has 32 bits');
        },
        requestKeyFrame: () => undefined,
        ages: (ages) =>
          must(
            ages.every(({ ageMs }) => Number.isFinite(ageMs)),
            'an age is a time',
          ),
        speaker: () => undefined,
        tapped: ({ tap, width, height, pixels, data }) => {
          must(!untaken.has(tap), 'no picture of a tap before the last one was taken');
          must(data.length === width * height * (pixels === 'rgb' ? 3 : 1), 'a tapped picture is whole');
          untaken.add(tap);
        },
      },
      measure: () => random() * 50,
    });
    const video = await loadVideo(await readModule('video'));
    const cameras = codecs.map((codec, at) => new ScriptedCamera(video, { line: at, input: 'a', codec }));
    let nowMs = 1_000_000;
    let line = 0;
    for (let round = 0; round < iterations; round++) {
      nowMs += random() < 0.02 ? random() * 5000 : random() * 20;
      const any = (): number => integer(random, line + 2);
      const choice = random();
      if (choice < 0.03) configure(pipeline, random, pick, { tracks, untaken }, nowMs);
      else if (choice < 0.1) pipeline.begin(anyLine(++line, pick));
      else if (choice < 0.13) pipeline.end(any());
      else if (choice < 0.15) pipeline.roundTrip(any(), pick(numbers));
      else if (choice < 0.17) pipeline.requestKeyFrame(pick(['out', 'own']), nowMs);
      else if (choice < 0.2) {
        const [ntpHigh, ntpLow] = [integer(random, 2 ** 32), integer(random, 2 ** 32)];
        const rtpTimestamp = integer(random, 2 ** 32);
        pipeline.report({ line: any(), ntpHigh, ntpLow, rtpTimestamp, arrivedMs: nowMs });
      } else if (choice < 0.5) {
        const packets = pick(cameras).shoot(nowMs);
        for (const packet of packets) {
          packet[1] = ((packet[1] ?? 0) & 0x80) | 96;
          if (random() < 0.2) packet[integer(random, packet.length)] = integer(random, 256);
          if (random() > 0.1) pipeline.receive(any(), packet, nowMs);
        }
      } else if (choice < 0.8) {
        pipeline.receive(any(), hostilePacket(random, pick(openings)), nowMs - random() * 100);
      }
      for (const tap of untaken) {
        if (random() > 0.2) continue;
        untaken.delete(tap);
        pipeline.tapTaken(tap);
      }
      must(pipeline.tick(nowMs) > nowMs, 'a tick is followed by a later one');
      must(wrong.reason === '', `the engine stays whole: ${wrong.reason}`);
      if (round % 50 === 0) pipeline.stats(nowMs);
    }
    must(core.video.memoryBytes < maxMemoryBytes, 'memory is bounded');
    pipeline.close();
    pipeline.close();
  },
};

type Pick = <Item>(items: readonly Item[]) => Item;

function configure(
  pipeline: VideoPipeline,
  random: () => number,
  pick: Pick,
  { tracks, untaken }: { readonly tracks: Set<string>; readonly untaken: Set<string> },
  nowMs: number,
): void {
  const area = () => ({
    left: pick(fractions),
    top: pick(fractions),
    width: pick(fractions),
    height: pick(fractions),
  });
  const inputs = names
    .filter(() => random() < 0.6)
    .map((id) => ({
      id,
      stream: pick(names),
      layers: [],
      active: random() < 0.8,
      region: { id: '1', shape: 'rectangle' as const, area: area() },
    }));
  const outputs = ['out', 'own'].map((track) => {
    const { resolution: _, ...output } = outputOf(track, {
      codec: pick([...codecs, 'av1']),
      framerate: pick(numbers),
      bitrateKbps: pick(numbers),
      keyFrameInterval: pick(numbers),
    });
    return random() < 0.4
      ? output
      : { ...output, resolution: { width: pick(numbers), height: pick(numbers) } };
  });
  tracks.clear();
  for (const { track } of outputs) tracks.add(track);
  const background = { r: pick([0, 255]), g: pick([0, 128]), b: 9 };
  const fit = pick(['crop', 'letterbox'] as const);
  const taps = ['face', 'all']
    .filter(() => random() < 0.6)
    .map((id) => ({
      id,
      ...(random() < 0.5 ? {} : { input: pick(names) }),
      ...{ width: pick(numbers), height: pick(numbers), framerate: pick(numbers) },
      pixels: pick(['rgb', 'gray'] as const),
    }));
  for (const tap of untaken) if (!taps.some(({ id }) => id === tap)) untaken.delete(tap);
  pipeline.configure(viewOf(inputs, outputs, { background, fit, taps }), nowMs);
}

function anyLine(line: number, pick: Pick): Line {
  return { line, input: pick(names), format: pick(formats), payloadType: 96, clockRate: 90_000 };
}

function hostilePacket(random: () => number, opening: readonly number[]): Uint8Array {
  const header = [
    0x80,
    96 | (random() < 0.5 ? 0x80 : 0),
    0,
    integer(random, 256),
    0,
    0,
    0,
    integer(random, 4),
  ];
  return hostileBytes(random, [...header, 0, 0, 0, 1, ...opening], 200);
}
