import { afterEach, beforeEach, expect, it } from 'vitest';
import type { MixerStats } from '../../schemas/worker.ts';
import { askWorker } from './ask-worker.ts';
import { mixerStatsSchema } from './mixer-stats-schema.ts';
import { createScene, type Scene } from './scripted-scene.ts';
import type { ScriptedWorker } from './scripted-worker.ts';

const calm = { p50: 1, p99: 2 };
const video: MixerStats = {
  kind: 'video',
  id: 'room-common/video',
  engine: 'wasm',
  rebuilds: 1,
  fallbacks: 1,
  fallbackReason: 'the device is busy',
  framerate: { wanted: 24, made: 23.9, limit: 24 },
  decodeMs: calm,
  composeMs: calm,
  encodeMs: calm,
  addedMs: calm,
  skewMs: -4,
  inputs: [
    { id: 's1-1', track: 's1-1', width: 640, height: 480, decoded: 9, broken: 0, keyFrameRequests: 1 },
  ],
  outputs: [{ track: 't', width: 640, height: 480, frames: 9, keyFrames: 1, bytes: 900 }],
};
const audio: MixerStats = {
  kind: 'audio',
  id: 'room-common/audio',
  rebuilds: 0,
  mixMs: calm,
  addedMs: calm,
  missed: 0,
  inputs: [{ id: 's1-0', levelDb: -20, played: 9, concealed: 0, late: 0, delayMs: 40 }],
  outputs: [{ track: 't', packets: 9, bytes: 90 }],
};

let scene: Scene;
let worker: ScriptedWorker;
beforeEach(async () => {
  scene = await createScene();
  worker = await scene.worker('w1');
});
afterEach(() => scene.close());

const ask = (id = 'w1') =>
  askWorker(scene.ports.bus, id, { type: 'mixer-stats', room: 'room' }, mixerStatsSchema, 1000);

it('answers what the worker tells of its mixers', async () => {
  worker.mixers = [video, audio];
  expect(await ask()).toEqual([video, audio]);
});

it('says that a worker which is not there does not answer', async () => {
  await expect(ask('w9')).rejects.toMatchObject({
    code: 'unavailable',
    message: 'The media worker does not answer',
  });
});

it('passes on what a worker refuses', async () => {
  const question = { type: 'stats', room: 'room', transport: 'none' } as const;
  await expect(askWorker(scene.ports.bus, 'w1', question, mixerStatsSchema, 1000)).rejects.toMatchObject({
    code: 'not-found',
  });
});

it('hides a reply that makes no sense', async () => {
  const question = { type: 'stats', room: 'room', transport: 't' } as const;
  await expect(askWorker(scene.ports.bus, 'w1', question, mixerStatsSchema, 1000)).rejects.toMatchObject({
    code: 'internal',
    message: 'Internal error',
  });
});
