// Owns doing a fault to a stage, and mending what an operator or a supervisor would.
import type { WorkerMember } from '../../support/cluster.ts';
import type { Fault } from '../schedule.ts';
import { watchName } from './owner-watch.ts';
import { wait } from './probe.ts';
import type { Stage } from './stage.ts';

export interface Struck {
  /** What was done, for the report. */
  readonly what: string;
  /** From when on it ought to come back: the kill, or the end of what stood still or was away. */
  readonly from: number;
  /** The address of an edge that was killed. */
  readonly edge?: string;
  /** There was nobody to do it to. */
  readonly missed?: true;
  /** Puts another process in the place of what is gone. */
  readonly mend: () => Promise<void>;
}

const now = (): number => performance.now();
const nothing = (): Promise<void> => Promise.resolve();
const redisAwayMs = 1_000;
/** A worker that died before is started again. */
const victimWithinMs = 30_000;
const directoryKeys = 'sluice:{directory}:*';

/** Which edge a fault of an edge is done to. */
export function doomed(stage: Stage, { victim }: Fault): number {
  return Math.floor(victim * stage.edges.length);
}

export async function strike(stage: Stage, fault: Fault): Promise<Struck> {
  const { kind, victim } = fault;
  const place = Math.floor(victim * 2);
  const worker = () => stage.hosts[place]?.workers[0];
  const mixer = () => mixing(stage)?.workers[0];
  for (const each of stage.mixers) workerOf(each);
  switch (kind) {
    case 'edge': {
      const at = doomed(stage, fault);
      const edge = stage.edges[at];
      edge?.kill('SIGKILL');
      return { what: `edge ${at}`, from: now(), edge: edge?.url ?? '', mend: () => stage.newEdge(at) };
    }
    case 'worker':
      return kill(worker, `worker of host ${place}`);
    case 'worker-host':
      stage.hosts[place]?.kill('SIGKILL');
      return { what: `host ${place}`, from: now(), mend: () => stage.newHost(place) };
    case 'mixer':
      return kill(mixer, 'mixing worker');
    case 'redis':
      return redisAway(stage, 'its data');
    case 'redis-empty':
      return redisAway(stage, 'nothing');
    case 'pubsub':
      return { what: `${await cutSubscriptions(stage)} subscriptions`, from: now(), mend: nothing };
    case 'conductors':
      return twoConductors(stage);
    case 'stop-edge-5':
    case 'stop-edge-30': {
      const at = doomed(stage, fault);
      return stop(() => stage.edges[at]?.pid, seconds(kind), `edge ${at}`);
    }
    case 'stop-worker-5':
    case 'stop-worker-30':
      return stop(worker, seconds(kind), `worker of host ${place}`);
    case 'stop-worker-host-5':
    case 'stop-worker-host-30':
      return stop(() => stage.hosts[place]?.pid, seconds(kind), `host ${place}`);
    case 'stop-mixer-5':
    case 'stop-mixer-30':
      return stop(mixer, seconds(kind), 'mixing worker');
    case 'stop-redis-5':
    case 'stop-redis-30':
      return stop(() => stage.cluster.redis.process.pid, seconds(kind), 'redis');
  }
}

const seconds = (kind: string): number => Number(kind.slice(kind.lastIndexOf('-') + 1));

/** A fault that nobody suffers proves nothing. */
async function victimOf(pid: () => number | undefined): Promise<number | undefined> {
  const deadline = now() + victimWithinMs;
  while (pid() === undefined && now() < deadline) await wait(50);
  return pid();
}

function missed(what: string): Struck {
  return { what: `there is no ${what}`, from: now(), missed: true, mend: nothing };
}

async function kill(pid: () => number | undefined, what: string): Promise<Struck> {
  const victim = await victimOf(pid);
  if (victim === undefined) return missed(what);
  process.kill(victim, 'SIGKILL');
  return { what, from: now(), mend: nothing };
}

async function stop(pid: () => number | undefined, forSeconds: number, what: string): Promise<Struck> {
  const victim = await victimOf(pid);
  if (victim === undefined) return missed(what);
  process.kill(victim, 'SIGSTOP');
  await wait(forSeconds * 1000);
  try {
    process.kill(victim, 'SIGCONT');
  } catch {
    // Its supervisor did not wait so long.
  }
  return { what, from: now(), mend: nothing };
}

async function redisAway(stage: Stage, keep: 'its data' | 'nothing'): Promise<Struck> {
  const backup = keep === 'nothing' ? await directoryOf(stage) : [];
  const redis = await stage.cluster.killRedis();
  await wait(redisAwayMs);
  await redis.back(keep);
  const { admin } = stage.cluster.redis;
  // As an operator would, who has a copy of services and rooms, but none of what goes on in them.
  for (const [key, value] of backup) await admin.restore(key, 0, value, 'REPLACE');
  return { what: `redis, back with ${keep}`, from: now(), mend: nothing };
}

async function directoryOf(stage: Stage): Promise<(readonly [string, Buffer])[]> {
  const { admin } = stage.cluster.redis;
  const keys = await admin.keys(directoryKeys);
  const values = await Promise.all(keys.map((key) => admin.dumpBuffer(key)));
  return keys.map((key, index) => [key, values[index] ?? Buffer.alloc(0)] as const);
}

async function cutSubscriptions(stage: Stage): Promise<number> {
  const { admin } = stage.cluster.redis;
  const list = String(await admin.client('LIST', 'TYPE', 'PUBSUB'));
  const ids = list
    .split('\n')
    .filter((line) => line !== '' && !line.includes(`name=${watchName} `))
    .flatMap((line) => /\bid=(\d+)/.exec(line)?.[1] ?? []);
  for (const id of ids) await admin.client('KILL', 'ID', id);
  return ids.length;
}

/** Every room's lease is taken away from its holder, who goes on until it tries to renew it, five times. */
async function twoConductors(stage: Stage): Promise<Struck> {
  const from = now();
  for (let times = 0; times < 5; times += 1) {
    await Promise.all(stage.rooms.map(({ id }) => stage.owners.robLease(id)));
    await wait(200);
  }
  return { what: 'leases taken away', from, mend: nothing };
}

/** The host of the worker that mixes now, while the log names one that runs. */
function mixing(stage: Stage): WorkerMember | undefined {
  const room = stage.rooms.find(({ mixed }) => mixed);
  const worker = room === undefined ? undefined : stage.mixingWorker(room.id);
  return stage.mixers.find((host) => worker !== undefined && workerOf(host) === worker);
}

/** The latest worker of each host: what a host printed first is not kept for ever. */
const started = new WeakMap<WorkerMember, string>();

function workerOf(host: WorkerMember): string | undefined {
  const lines = [...host.output().matchAll(/is starting worker=(worker-[0-9a-f]{12})/g)];
  const worker = lines.at(-1)?.[1] ?? started.get(host);
  if (worker !== undefined) started.set(host, worker);
  return worker;
}
