// The registry in Redis against the one in memory: whatever happens to both, they say the same.
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { MediaEngineOrder } from '../../../schemas/media-engine.ts';
import type { Random } from '../../clock.ts';
import { strategies } from '../../cluster/strategy.ts';
import { madeWorker } from '../../store/conformance/made-worker.ts';
import type { Registry } from '../../store/registry.ts';
import { createMemoryRegistry } from '../memory/registry.ts';
import { nodeClock } from '../node/clock.ts';
import { createLog } from '../node/log.ts';
import { connect } from './connection.ts';
import { createRedisRegistry } from './registry.ts';
import { patiently } from './scripted-patience.ts';
import { startRedis, type ScriptedRedis } from './scripted-redis.ts';

const log = createLog({ name: 'test', level: 'silent' });
/** Whom chance picks depends on the order of kinds, which is nobody's business. */
const foreseeable = strategies.filter((strategy) => strategy !== 'randomly-pick');
const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 32));
const steps = 400;

let redis: ScriptedRedis;
beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.kill());

/** mulberry32 */
function chances(from: number): () => number {
  let state = from;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

type Step = (registry: Registry) => Promise<unknown>;

/** One thing that happens, at a time that goes on. */
function makeStep(chance: () => number, now: number): { readonly name: string; readonly step: Step } {
  const one = <T>(...of: readonly [T, ...T[]]): T => of[Math.floor(chance() * of.length)] ?? of[0];
  const id = one('a', 'b', 'c', 'd', 'e', 'f');
  const purpose = one('webrtc', 'video');
  const task = `t${Math.floor(chance() * 12)}`;
  const kind = chance();
  if (kind < 0.35) {
    const announcement = madeWorker(id, {
      purposes: one(['webrtc'], ['webrtc', 'video'], ['video']),
      load: one(null, 0, 0.2, 0.2, 0.5, 0.84, 0.85),
      ...(chance() < 0.4 && { cost: one(0, 0.15, 0.4, 0.9) }),
      state: one('ready', 'ready', 'ready', 'ready', 'draining', 'starting'),
      isps: one([], [], ['x'], ['y']),
      regions: one([], ['eu'], ['us', 'eu']),
      video: one({ decode: ['vp8'], encode: ['vp8'] }, { decode: ['vp8'], encode: ['vp8', 'h264_CB'] }),
      engines: one(['wasm'], ['vaapi', 'wasm']),
    });
    return { name: `announce ${JSON.stringify(announcement)}`, step: (on) => on.announce(announcement, now) };
  }
  if (kind < 0.8) {
    const demand = {
      purpose,
      task,
      origin: { isp: one('', 'x', 'y'), region: one('', 'eu', 'us', 'region') },
      reserveMs: one(500, 3000),
      ...(chance() < 0.3 && { near: one(['a'], ['b', 'c'], ['nobody', 'd']) }),
      ...(chance() < 0.3 && { formats: { decode: ['vp8'], encode: ['h264_CB'] } }),
      ...(chance() < 0.2 && { engines: one<MediaEngineOrder>(['vaapi'], ['vaapi', 'qsv'], ['qsv']) }),
    } as const;
    return { name: `pick ${JSON.stringify(demand)}`, step: (on) => on.pick(demand, now) };
  }
  if (kind < 0.86) return { name: `up ${id} ${task}`, step: (on) => on.pickUp(id, purpose, task) };
  if (kind < 0.91) return { name: `down ${id} ${task}`, step: (on) => on.layDown(id, purpose, task, now) };
  if (kind < 0.93) return { name: `remove ${id}`, step: (on) => on.remove(id, 'quit') };
  if (kind < 0.95) return { name: 'sweep', step: (on) => on.sweep(now, 4000) };
  if (kind < 0.98) return { name: 'alive', step: (on) => on.alive() };
  return {
    name: `tasks of ${id}`,
    step: async (on) => (await on.tasks(id)).map((held) => `${held.purpose} ${held.task}`).sort(),
  };
}

it.each(foreseeable.flatMap((strategy) => [1, 2, 3].map((run) => [strategy, run] as const)))(
  `%s says the same in both, run %i of seed ${seed}`,
  { timeout: 60_000 },
  async (strategy, run) => {
    await redis.admin.flushall();
    const chance = chances(seed + run);
    const random: Random = { bytes: (length) => new Uint8Array(length) };
    const scheduling = {
      strategy: { general: strategy },
      cost: { webrtc: 0.2, video: 0.1 },
      regionFallback: { video: true },
    };
    const connection = connect({ url: redis.url, name: 'test', clock: nodeClock, log });
    const memory = createMemoryRegistry({ random, scheduling });
    const stored = createRedisRegistry({ connection, random, log, scheduling });
    const done: string[] = [];
    let now = 1_700_000_000_000;
    for (let count = 0; count < steps; count += 1) {
      now += Math.floor(chance() * 700);
      const { name, step } = makeStep(chance, now);
      done.push(`${now} ${name}`);
      expect(await patiently(() => step(stored)), done.slice(-30).join('\n')).toEqual(await step(memory));
    }
    connection.close();
  },
);
