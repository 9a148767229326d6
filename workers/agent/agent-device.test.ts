// Owns the proof of what a worker tells the cluster and an operator of its GPU.
import { expect, it } from 'vitest';
import * as v from 'valibot';
import { maxPipelines, mediaUseSchema } from '../../schemas/device.ts';
import type { EngineChoice } from '../engine/engine-choice.ts';
import { DeviceBudget } from '../mixing/device-budget.ts';
import { outputOf, viewOf } from '../video/scripted-view.ts';
import { AgentDevice } from './agent-device.ts';
import { mediaUse } from './media-use.ts';
import { videoStats } from './testing/video-stats.ts';

const node = '/dev/dri/renderD128';
const gpu: EngineChoice = {
  id: 'vaapi',
  device: node,
  capabilities: { decode: [], encode: [], maxSize: 4096 },
};
const view = viewOf([], [{ ...outputOf('o', { resolution: { width: 1280, height: 720 } }), framerate: 30 }]);

function made(part: number, busy?: number) {
  const budget = new DeviceBudget({ triedMs: 10, part });
  const mixing: { engines: EngineChoice[] } = { engines: [gpu] };
  const use = {
    busy: new Map([['video', busy ?? 0]]),
    memory: new Map([['system', 4096]]),
    frequencyMhz: new Map([['gt0', 1100]]),
  };
  const watch = { share: busy, use };
  const device = new AgentDevice({ host: 'h', node, budget, watch, mixing });
  return { budget, mixing, device };
}

it('its load is the share of its part that is taken, by measurement or by the word of the system', () => {
  const { budget, device } = made(0.5);
  expect([device.load, device.cost(0.85)]).toEqual([0, 0.6]);
  budget.hold({}, view);
  expect(device.load).toBeCloseTo(0.6);
  const busy = made(0.5, 0.45);
  expect(busy.device.load).toBeCloseTo(0.9);
  expect(device.rest(3)).toEqual({ rooms: 3, mixers: 1 });
});

it('an empty worker always says that one more fits', () => {
  expect(made(0.1).device.cost(0.85)).toBeCloseTo(0.765);
});

it('is left out while its engine rests after failures, and costs nothing then', () => {
  const { mixing, budget, device } = made(1);
  expect(device.announced).toEqual({ host: 'h', node, state: 'used' });
  mixing.engines = [];
  expect(device.announced.state).toBe('left-out');
  expect(device.cost(0.85)).toBeUndefined();
  budget.state = 'draining';
  expect([device.announced.state, device.isDraining]).toEqual(['draining', true]);
});

it('tells of a bounded number of pipelines, those that take most first', () => {
  const shares = Array.from({ length: maxPipelines + 5 }, (_, index) => index / 1000);
  const told = mediaUse(
    made(1, 0.25).device,
    shares.map((share) => ({
      room: 'r',
      stats: videoStats({ id: `m${share}`, share, queue: 2, fallbackReason: 'busy' }),
    })),
  );
  const { device, pipelines, more } = v.parse(mediaUseSchema, told);
  expect([pipelines.length, more, pipelines[0]?.share]).toEqual([maxPipelines, 5, 0.132]);
  expect(pipelines[0]).toMatchObject({ room: 'r', mixer: 'm0.132', queue: 2, fallbackReason: 'busy' });
  expect(device).toMatchObject({
    busy: { video: 0.25 },
    memoryBytes: { system: 4096 },
    frequencyHz: { gt0: 1.1e9 },
  });
  expect(mediaUse(undefined, [])).toEqual({ pipelines: [], more: 0 });
});
