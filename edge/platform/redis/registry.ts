// Owns the worker registry in Redis: each operation is one script, and losses are told on a channel. Who fits a demand is
// decided here by edge/cluster, over kinds of workers; who of them is picked, by `registry-pick.lua` in one step.
import * as v from 'valibot';
import type { Unsubscribe } from '../../../schemas/bus.ts';
import { SluiceError } from '../../../schemas/error.ts';
import {
  aliveAnnouncementSchema,
  capacitySchema,
  scheduledPurposeSchema,
  type AliveAnnouncement,
  type Capacity,
  type ScheduledPurpose,
} from '../../../schemas/worker.ts';
import { admissionLimit } from '../../cluster/admission.ts';
import { chanceOf } from '../../cluster/chance.ts';
import { millionths, settleMs } from '../../cluster/load-estimate.ts';
import { defaultScheduling, estimatedCost, strategyOf, type Scheduling } from '../../cluster/scheduling.ts';
import { ableKinds, kindOf, tiersOf } from '../../cluster/tiers.ts';
import type { Log, Random } from '../../clock.ts';
import type { Demand, Picked, Registry } from '../../store/registry.ts';
import type { RedisConnection, Reply } from './connection.ts';
import announceLua from './registry-announce.lua';
import commonLua from './registry-common.lua';
import holdLua from './registry-hold.lua';
import pickLua from './registry-pick.lua';
import removeLua from './registry-remove.lua';
import { script, type Script } from './script.ts';
import { watchLosses } from './registry-losses.ts';

const announceScript = withCommon(announceLua);
const removeScript = withCommon(removeLua);
const pickScript = withCommon(pickLua);
const holdScript = withCommon(holdLua);
const lossesKept = 1000;
const mostTasksOfOne = 100_000;
/** Kinds may change while a pick is under way; not so often that this is not enough. */
const attempts = 5;
const again = { repeatable: true };

interface Kinds {
  readonly version: string;
  readonly kinds: readonly (readonly [id: string, capacity: Capacity])[];
}

/** A registry that all edges on one Redis share. */
export function createRedisRegistry(options: {
  connection: RedisConnection;
  /** What all keys begin with, without braces. */
  prefix?: string;
  random: Random;
  log: Log;
  scheduling?: Partial<Scheduling>;
}): Registry {
  const { connection, prefix: before = 'sluice:', random, log } = options;
  // One slot for all of it: an announcement changes several purposes in one step.
  const tag = `${before}{registry}:`;
  const said = `${tag}said`;
  const heard = `${tag}heard`;
  const joined = `${tag}joined`;
  const purposesOf = `${tag}purposes`;
  const numbers = `${tag}numbers`;
  const ended = `${tag}ended`;
  const lost = `${tag}lost`;
  const losses = `${tag}losses`;
  const channel = `${tag}loss`;
  const scheduling = { ...defaultScheduling, ...options.scheduling };
  const kindsOf = new Map<ScheduledPurpose, Kinds>();
  const strategies = new Map(
    scheduledPurposeSchema.options.map((purpose) => [
      purpose,
      strategyOf(scheduling, purpose, (name) => {
        log.warn('there is no such strategy: workers are picked randomly', { purpose, strategy: name });
      }),
    ]),
  );

  async function remove(reason: string, which: readonly (string | number)[]): Promise<void> {
    const args = [tag, connection.publishCommand, channel, reason, lossesKept, ...which];
    const keys = [said, heard, joined, purposesOf, lost, losses, ended, numbers];
    await connection.run(removeScript, keys, args, again);
  }

  /** Undefined: the kinds have changed, and are known now. */
  async function tryPick(demand: Demand, now: number, chance: number): Promise<Picked | undefined> {
    const { purpose, task, near = [], reserveMs = scheduling.reserveMs } = demand;
    const prefix = `${tag}${purpose}:`;
    const { version, kinds } = kindsOf.get(purpose) ?? { version: '', kinds: [] };
    const able = ableKinds(kinds, demand);
    const tiers = tiersOf(kinds, demand, scheduling.regionFallback[purpose] ?? false);
    const reply = await connection.run(
      pickScript,
      [`${prefix}tasks`, `${prefix}due`, `${prefix}chosen`, `${prefix}version`],
      [
        prefix,
        now,
        task,
        Math.round(reserveMs),
        millionths(scheduling.cost[purpose] ?? estimatedCost[purpose]),
        strategies.get(purpose) ?? 'randomly-pick',
        chance,
        version,
        able === undefined ? 'all' : able.join(),
        near.length,
        ...near,
        ...tiers.map((tier) => tier.join()),
      ],
      again,
    );
    const [what, which, ...table] = texts(reply);
    switch (what ?? '') {
      case 'worker':
        if (which !== undefined) return { worker: which };
        break;
      case 'why':
        if (which === 'nobody' || which === 'full' || which === 'mismatch') return { why: which };
        break;
      case 'kinds':
        kindsOf.set(purpose, { version: which ?? '', kinds: readKinds(table) });
        return undefined;
    }
    throw new SluiceError('internal', 'Internal error', new Error('the pick gave what it never gives'));
  }

  async function hold(purpose: ScheduledPurpose, args: readonly (string | number)[]): Promise<void> {
    const prefix = `${tag}${purpose}:`;
    await connection.run(holdScript, [`${prefix}tasks`, `${prefix}due`], [prefix, ...args], again);
  }

  return {
    async announce(worker, now) {
      const { purposes, capacity, load, cost, maxLoad, state } = worker;
      const each = purposes.flatMap((purpose) => {
        const known = load[purpose];
        const measured = cost?.[purpose];
        return [
          purpose,
          kindOf(purpose, capacity),
          known === undefined ? '' : millionths(known),
          admissionLimit(maxLoad, measured),
          state,
          measured === undefined ? '' : millionths(measured),
        ];
      });
      const args = [tag, worker.worker, now, JSON.stringify(worker), settleMs, ...each];
      await connection.run(announceScript, [said, heard, joined, purposesOf, numbers, ended], args, again);
    },
    remove: (worker, reason) => remove(reason, ['worker', worker]),
    sweep: (now, afterMs, among) =>
      among === undefined
        ? remove('lost', ['silent', now - afterMs])
        : remove('lost', ['silent among', now - afterMs, ...among]),
    async pick(demand, now) {
      const chance = chanceOf(random);
      for (let attempt = 0; attempt < attempts; attempt += 1) {
        const picked = await tryPick(demand, now, chance);
        if (picked) return picked;
      }
      throw new SluiceError('unavailable', 'Too many workers come and go');
    },
    pickUp: (worker, purpose, task) =>
      hold(purpose, [worker, task, 'up', scheduling.reserveMs, mostTasksOfOne]),
    layDown: (worker, purpose, task, now) => hold(purpose, [worker, task, 'down', now]),
    async tasks(worker) {
      const [served = ''] = texts([await connection.send('HGET', [purposesOf, worker], again)]);
      const purposes = scheduledPurposeSchema.options.filter((purpose) =>
        served.split(',').includes(purpose),
      );
      const held = await Promise.all(
        purposes.map(async (purpose) => {
          const prefix = `${tag}${purpose}:`;
          const [number = ''] = texts([await connection.send('HGET', [`${prefix}members`, worker], again)]);
          const tasks = await connection.send('SMEMBERS', [`${prefix}held:${number}`], again);
          return texts(tasks).map((task) => ({ purpose, task }));
        }),
      );
      return held.flat();
    },
    async find(worker) {
      return texts([await connection.send('HGET', [said, worker], again)]).flatMap(readAnnouncement)[0];
    },
    async alive() {
      const workers = texts(await connection.send('ZRANGE', [joined, 0, -1], again));
      if (workers.length === 0) return [];
      return texts(await connection.send('HMGET', [said, ...workers], again)).flatMap(readAnnouncement);
    },
    watch: (told): Unsubscribe => watchLosses({ connection, channel, losses, log, told }),
  };
}

function withCommon(lua: string): Script {
  return script([commonLua, lua].join('\n'));
}

function texts(reply: Reply): readonly string[] {
  if (!Array.isArray(reply)) return [];
  const decoder = new TextDecoder();
  return reply.flatMap((part: Reply) => (part instanceof Uint8Array ? [decoder.decode(part)] : []));
}

function readKinds(table: readonly string[]): Kinds['kinds'] {
  const kinds: [string, Capacity][] = [];
  for (let at = 0; at + 1 < table.length; at += 2) {
    const capacity = v.safeParse(capacitySchema, parsed(table[at + 1]));
    if (capacity.success) kinds.push([table[at] ?? '', capacity.output]);
  }
  // One order for all edges: what was chosen last is remembered by the list.
  return kinds.sort(([one], [other]) => Number(one) - Number(other));
}

function readAnnouncement(text: string): readonly AliveAnnouncement[] {
  const announcement = v.safeParse(aliveAnnouncementSchema, parsed(text));
  return announcement.success ? [announcement.output] : [];
}

function parsed(text = ''): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
