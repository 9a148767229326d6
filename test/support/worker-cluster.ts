// Owns rooms on stores in memory with real worker processes, each for a region, for tests of what goes on between
// workers. Clients are node-datachannel peers that speak to a room directly; portals are tested elsewhere.
import { type ChildProcess, execFile, fork } from 'node:child_process';
import { once } from 'node:events';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import * as v from 'valibot';
import { watchWorkers } from '../../edge/cluster/worker-watch.ts';
import { createMemoryPorts } from '../../edge/platform/memory/ports.ts';
import { nodeClock } from '../../edge/platform/node/clock.ts';
import { bridgeChild } from '../../edge/platform/node/ipc-bridge.ts';
import { createLog } from '../../edge/platform/node/log.ts';
import { nodeRandom } from '../../edge/platform/node/random.ts';
import type { LiveRoom } from '../../edge/rooms/live-room.ts';
import { createRooms } from '../../edge/rooms/rooms.ts';
import { roomDocument } from '../../edge/store/conformance/room-document.ts';
import type { Ports } from '../../edge/store/ports.ts';
import { channels } from '../../schemas/bus.ts';
import { linkStatsSchema, type LinkStats } from '../../schemas/link.ts';
import type { RoomDocument } from '../../schemas/room.ts';
import type { AliveAnnouncement, Purpose } from '../../schemas/worker.ts';
import { Publisher, Receiver } from '../bench/lib/peer.ts';
import { sendCandidatesLater, withoutCandidates } from './late-candidates.ts';

export interface WorkerWish {
  readonly id: string;
  /** Whose clients it serves. */
  readonly region: string;
  /** Absent: all. */
  readonly purposes?: readonly Purpose[];
}

export interface WorkerCluster {
  readonly ports: Ports;
  readonly room: LiveRoom;
  /** Process id of a worker. */
  pid(worker: string): number;
  /** What a worker tells of its links. */
  links(worker: string): Promise<readonly LinkStats[]>;
  /** A participant is in the room from now on, if it was not before. */
  enter(participant: string, region: string): Promise<void>;
  /** A participant in that region publishes video; resolves once its stream is ready. */
  publish(participant: string, region: string, packetsPerSecond: number, bytes?: number): Promise<Publisher>;
  /** A participant in that region subscribes to the video of a stream. */
  subscribe(participant: string, region: string, stream: string): Promise<Receiver>;
  close(): Promise<void>;
}

const root = resolve(import.meta.dirname, '../..');
const edge = 'edge';

/** Resolves when `condition` holds; rejects when it does not come true within `withinMs`. */
export async function until(
  condition: () => boolean | Promise<boolean>,
  what: string,
  withinMs = 30_000,
): Promise<void> {
  const end = performance.now() + withinMs;
  while (!(await condition())) {
    if (performance.now() > end) throw new Error(`not in time: ${what}`);
    await new Promise((tick) => setTimeout(tick, 10));
  }
}

/** Builds if need be and starts one worker for each wish, and a room. */
export async function startWorkerCluster(
  wishes: readonly WorkerWish[],
  document: RoomDocument = roomDocument('room'),
): Promise<WorkerCluster> {
  await promisify(execFile)(process.execPath, [join(root, 'deploy/build.mjs')]);
  const clock = nodeClock;
  const log = createLog({ name: 'test', write: () => undefined });
  const ports = await createMemoryPorts({ clock, random: nodeRandom });
  const { bus, registry } = ports;
  const stopWatch = watchWorkers({ bus, registry, clock, log });
  const service = await ports.directory.createService({ _id: '', name: 's', key: 'k', encrypted: false });
  const { _id } = await ports.directory.createRoom(service._id, document);
  const transcoders = () => Promise.resolve({ audio: true, video: true });
  const rooms = createRooms({ ports, clock, random: nodeRandom, log, edge, settings: { transcoders } });
  const announce = (): void => bus.publish(channels.workers, madeEdge());
  announce();
  const stopAnnouncing = clock.every(1000, announce);

  const workers = new Map<string, ChildProcess>();
  for (const { id, region, purposes } of wishes) {
    const child = fork(join(root, 'build/server/worker.js'), [], {
      serialization: 'advanced',
      execArgv: ['--enable-source-maps'],
      env: {
        ...process.env,
        SLUICE_WORKER: JSON.stringify({
          id,
          logLevel: process.env.TEST_LOG ?? 'silent',
          regions: [region],
          webrtc: { bindAddress: '127.0.0.1' },
          ...(purposes === undefined ? {} : { purposes }),
        }),
      },
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    bridgeChild(bus, child);
    child.once('exit', () => {
      // As its supervisor would say.
      registry.remove(id, 'exit').catch(() => undefined);
    });
    workers.set(id, child);
  }
  await until(async () => {
    const alive = await registry.alive();
    return wishes.every(({ id }) => alive.some(({ worker }) => worker === id));
  }, 'the workers are there');
  const room = await rooms.open(_id);
  const joined = new Set<string>();

  const enter = async (participant: string, region: string): Promise<void> => {
    if (joined.has(participant)) return;
    joined.add(participant);
    const origin = { isp: '', region };
    const outcome = await room.execute({
      type: 'join',
      participant,
      user: participant,
      role: 'presenter',
      origin,
      edge,
    });
    if (!outcome.ok) throw new Error(outcome.refusal.message);
  };

  const negotiate = async (transport: string, participant: string, offer: string): Promise<string> => {
    const sdp = withoutCandidates(offer);
    const { answer = '' } = await room.signal(transport, participant, { type: 'offer', sdp });
    sendCandidatesLater(offer, (candidate) =>
      room.signal(transport, participant, { type: 'candidate', candidate }),
    );
    return withoutCandidates(answer);
  };

  return {
    ports,
    room,
    enter,
    pid: (worker) => workers.get(worker)?.pid ?? -1,
    links: async (worker) => {
      const reply = await bus.request(channels.worker(worker), { type: 'link-stats' }, 3000);
      return v.parse(v.array(linkStatsSchema), reply);
    },
    publish: async (participant, region, packetsPerSecond, bytes = 500) => {
      await enter(participant, region);
      const tracks = [{ type: 'video' as const, mid: '0', source: 'camera' as const }];
      const request = { media: { tracks } };
      const outcome = await room.execute({ type: 'publish', participant, session: participant, request });
      if (!outcome.ok) throw new Error(outcome.refusal.message);
      const publisher = await Publisher.connect(
        (offer) => negotiate(participant, participant, offer),
        bytes,
        packetsPerSecond,
      );
      await until(() => room.state.streams.get(participant)?.phase === 'ready', 'the stream is ready');
      return publisher;
    },
    subscribe: async (participant, region, stream) => {
      await enter(participant, region);
      const tracks = [{ type: 'video' as const, mid: '0', from: stream }];
      const session = `${participant}-${stream}`;
      const request = { media: { tracks } };
      const outcome = await room.execute({ type: 'subscribe', participant, session, request });
      if (!outcome.ok) throw new Error(outcome.refusal.message);
      return Receiver.offer((offer) => negotiate(session, participant, offer), true);
    },
    close: async () => {
      stopAnnouncing();
      await rooms.close();
      for (const child of workers.values()) {
        if (child.exitCode !== null || child.signalCode !== null) continue;
        const ended = once(child, 'exit');
        child.kill('SIGKILL');
        await ended;
      }
      stopWatch();
      await ports.close();
    },
  };
}

function madeEdge(): AliveAnnouncement {
  return {
    type: 'alive',
    worker: edge,
    purposes: ['portal'],
    load: { portal: 0 },
    maxLoad: 0.85,
    state: 'ready',
    capacity: { isps: [], regions: [] },
  };
}
