import { beforeEach, expect, it } from 'vitest';
import { createManualClock } from '../platform/memory/manual-clock.ts';
import { createLog } from '../platform/node/log.ts';
import { HeldTasks } from './held-tasks.ts';
import type { Transport } from './state.ts';

const clock = createManualClock();
const log = createLog({ name: 'test', level: 'silent' });
let said: string[];
let away: boolean;
let tasks: HeldTasks;

beforeEach(() => {
  said = [];
  away = false;
  const say = (what: string) => (worker: string, purpose: string, task: string) => {
    said.push(`${what} ${worker} ${purpose} ${String(JSON.parse(task))}`);
    return away ? Promise.reject(new Error('away')) : Promise.resolve();
  };
  tasks = new HeldTasks({
    room: 'r',
    registry: { pickUp: say('up'), layDown: say('down') },
    clock,
    log,
  });
});

const transport = (id: string, worker?: string, region = 'eu'): Transport => ({
  id,
  owner: 'p',
  purpose: 'webrtc',
  phase: 'opening',
  origin: { isp: 'x', region },
  ...(worker !== undefined && { worker }),
});

it('picks up a task with its first transport that has a worker, and lays it down with its last', () => {
  tasks.hold([transport('1')]);
  expect(said).toEqual([]);
  tasks.hold([transport('1', 'a'), transport('2', 'a'), transport('3', 'b', 'us')]);
  expect(said).toEqual(['up a webrtc r,x,eu', 'up b webrtc r,x,us']);
  tasks.hold([transport('2', 'a')]);
  tasks.hold([]);
  expect(said.slice(2)).toEqual(['down b webrtc r,x,us', 'down a webrtc r,x,eu']);
});

it('follows a task that goes on elsewhere', () => {
  tasks.hold([transport('1', 'a')]);
  tasks.hold([transport('1', 'a'), transport('2', 'b')]);
  tasks.hold([transport('2', 'b')]);
  expect(said).toEqual(['up a webrtc r,x,eu', 'up b webrtc r,x,eu']);
});

it('says again what could not be said', async () => {
  away = true;
  tasks.hold([transport('1', 'a')]);
  await clock.advance(0);
  away = false;
  tasks.hold([transport('1', 'a')]);
  tasks.hold([transport('1', 'a')]);
  expect(said).toEqual(['up a webrtc r,x,eu', 'up a webrtc r,x,eu']);
});
