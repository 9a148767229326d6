// Owns a mixed room in a process of its own that sees a simulated GPU (test/gpu): four cameras, one view, and how long the
// view stood still when its engine failed. Told over IPC by fallback.ts.
import { pathToFileURL } from 'node:url';
import { loadVideo } from '../../wasm/video.ts';
import { readModule } from '../../wasm/locate.ts';
import { steadyClock } from '../../workers/agent/system.ts';
import type { EngineChoice } from '../../workers/engine/engine-choice.ts';
import { startMixing } from '../../workers/mixing/start-mixing.ts';
import { Routers } from '../../workers/routing/routers.ts';
import { Source } from '../../workers/routing/source.ts';
import { parseRtp, RtpHeader } from '../../workers/rtp/packet.ts';
import { colours, ScriptedCamera } from '../../workers/video/scripted-camera.ts';
import { gridInputs, outputOf, viewOf } from '../../workers/video/scripted-view.ts';
import { testPayload } from '../../workers/webrtc/testing/test-media.ts';

export interface FallingRoomOptions {
  /** The bundled thread.ts. */
  readonly program: string;
  /** The bundled process.ts. */
  readonly processProgram: string;
  readonly device: string;
  /** Where it goes on. */
  readonly next: 'cpu' | 'wasm';
}

export type FallingRoomReport =
  | { readonly type: 'running' }
  | {
      readonly type: 'fell';
      /** The longest time between two frames since it was running. */
      readonly gapMs: number;
      /** From when it was running until another pipeline made its pictures, to 100 ms. */
      readonly afterMs: number;
      readonly engine: string;
      readonly reason: string;
      readonly rebuilds: number;
    }
  /** On the device again; the longest time between two frames since it fell. */
  | { readonly type: 'returned'; readonly gapMs: number };

const format = { codec: 'h264' } as const;
const names = ['a', 'b', 'c', 'd'];
const room = 'r';
const output = 'view';
/** Frames before and after that show that it goes well. */
const enough = 45;

// Given by fallback.ts of the same build.
const options = JSON.parse(process.argv[2] ?? '') as FallingRoomOptions;
const send = (report: FallingRoomReport): void => {
  process.send?.(report);
};

const capabilities: EngineChoice['capabilities'] = { decode: [format], encode: [format], maxSize: 4096 };
const routers = new Routers();
const node = await startMixing({
  routers,
  clock: steadyClock,
  log: { info: () => undefined, warn: () => undefined, error: () => undefined },
  report: () => undefined,
  program: pathToFileURL(options.program),
  processProgram: pathToFileURL(options.processProgram),
  engines: [
    { id: 'vaapi', device: options.device, capabilities },
    { id: options.next, capabilities },
  ],
});

const video = await loadVideo(await readModule('video'));
const header = new RtpHeader();
for (const [index, name] of names.entries()) {
  const camera = new ScriptedCamera(video, { line: index + 1, input: name, codec: 'h264' });
  // Not of the middle, which stays what it is in a device that inverts everything.
  camera.colour = [colours.red, colours.blue, colours.yellow, colours.white][index] ?? colours.white;
  const source = new Source({
    track: `${name}-track`,
    kind: 'video',
    rid: undefined,
    payload: testPayload(camera.line.payloadType, 'h264'),
    redType: undefined,
    feedback: { nack: () => undefined, pli: () => (camera.key = true) },
    resized: () => undefined,
  });
  source.bind(1000 + index);
  routers.of(room).publish(source, steadyClock.now());
  steadyClock.every(33, () => {
    const nowMs = steadyClock.now();
    for (const packet of camera.shoot(nowMs)) {
      if (parseRtp(packet, header)) source.receive(packet, header, nowMs, false);
    }
    source.tick(nowMs);
  });
}

let frames = 0;
let lastMs = Infinity;
let gapMs = 0;
let lookedAt: number | undefined;
let runningMs = 0;
let runningSsrc: number | undefined;
let afterMs: number | undefined;
let hasFallen = false;
const settings = viewOf(
  gridInputs(names, 2).map((input) => ({ ...input, layers: [{ track: `${input.id}-track`, format }] })),
  [outputOf(output, { codec: 'h264', resolution: { width: 1280, height: 720 } })],
);
node.apply({ room, version: 1, transports: [], mixers: [settings] });
const isStarted = { value: false };
routers.of(room).subscribe(
  output,
  {
    select: (from) =>
      from.add({
        awaits: () => !isStarted.value,
        forward: (_, { marker }) => {
          isStarted.value = true;
          if (marker) count();
        },
        refresh: () => {
          isStarted.value = false;
        },
        ended: () => undefined,
      }),
  },
  steadyClock.now(),
);

function count(): void {
  const nowMs = steadyClock.now();
  if (runningMs > 0) gapMs = Math.max(gapMs, nowMs - lastMs);
  lastMs = nowMs;
  frames++;
  if (frames !== enough) return;
  lookedAt = frames;
  runningMs = nowMs;
  runningSsrc = routers.of(room).source(output)?.ssrc;
  send({ type: 'running' });
}

process.on('disconnect', () => process.exit(0));
steadyClock.every(100, () => {
  const [stats] = node.stats(room);
  if (hasFallen && stats?.kind === 'video' && stats.engine === 'vaapi') {
    hasFallen = false;
    send({ type: 'returned', gapMs });
  }
  const isAnother = lookedAt !== undefined && routers.of(room).source(output)?.ssrc !== runningSsrc;
  if (isAnother) afterMs ??= steadyClock.now() - runningMs;
  if (lookedAt === undefined || frames < lookedAt + enough) return;
  if (stats?.kind !== 'video' || stats.fallbacks === 0) return;
  const { engine, rebuilds, fallbackReason: reason = '' } = stats;
  if (engine === 'vaapi') return;
  send({ type: 'fell', gapMs, afterMs: afterMs ?? NaN, engine, reason, rebuilds });
  lookedAt = undefined;
  hasFallen = true;
  gapMs = 0;
});
