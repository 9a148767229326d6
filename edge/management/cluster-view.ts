// Owns what can be said of the whole cluster from any edge: who is alive, what it runs with, and where rooms live. What is
// another edge's to say, that one is asked for.
import * as v from 'valibot';
import { type Bus, channels } from '../../schemas/bus.ts';
import {
  nodeConfigSchema,
  roomPresenceSchema,
  type ClusterDevice,
  type ClusterNode,
  type DeviceDrain,
  type DrainedDevice,
  type DrainedNode,
  type LiveRoomResource,
  type NodeConfig,
  type NodeDrain,
  type RoomPresence,
} from '../../schemas/cluster.ts';
import { hostReplySchema, mediaUseSchema, type HostRequest, type MediaUse } from '../../schemas/device.ts';
import { SluiceError } from '../../schemas/error.ts';
import { drainReplySchema, type AliveAnnouncement, type WorkerRequest } from '../../schemas/worker.ts';
import type { Log } from '../clock.ts';
import { admissionLimit } from '../cluster/admission.ts';
import { millionths } from '../cluster/load-estimate.ts';
import { roomLease } from '../rooms/room-lease.ts';
import type { Directory } from '../store/directory.ts';
import type { Homes } from '../store/homes.ts';
import type { Lease } from '../store/lease.ts';
import type { Registry } from '../store/registry.ts';
import type { EdgeAnswers } from './edge-answers.ts';

export interface ClusterDeps {
  readonly registry: Pick<Registry, 'alive'>;
  readonly lease: Pick<Lease, 'holder'>;
  /** Where rooms live; absent: all of them beside the directory. */
  readonly homes?: Pick<Homes, 'of'>;
  readonly bus: Bus;
  readonly directory: Directory;
  readonly log: Log;
  /** This edge's id. */
  readonly edge: string;
  readonly answers: EdgeAnswers;
}

export interface ClusterView {
  /** In the order of joining. */
  nodes(): Promise<readonly ClusterNode[]>;
  /** Of a media worker; an edge has nothing of it. Rejects with SluiceError `unavailable` when it does not answer. */
  media(node: ClusterNode): Promise<MediaUse>;
  /** In ascending order of id. */
  devices(): Promise<readonly ClusterDevice[]>;
  /** Rejects with SluiceError: `not-found`; `unavailable` when its worker host does not answer. */
  drainDevice(device: string, wish: DeviceDrain): Promise<DrainedDevice>;
  /** Rejects with SluiceError: `bad-request` for an edge; `unavailable` when the worker does not answer. */
  drainNode(node: ClusterNode, wish: NodeDrain): Promise<DrainedNode>;
  /** Rejects with SluiceError `unavailable` when an edge does not answer. */
  config(node: ClusterNode): Promise<NodeConfig>;
  /** In ascending order of id. An edge that does not answer is left out. */
  rooms(): Promise<readonly LiveRoomResource[]>;
}

const answerMs = 2_000;
/** A worker host waits for its workers, as long as for any answer. */
const drainMs = 5_000;
const presencesSchema = v.array(roomPresenceSchema);

export function createClusterView(deps: ClusterDeps): ClusterView {
  const { registry, homes, bus, directory, log, edge, answers } = deps;

  async function presences(from: string): Promise<readonly RoomPresence[]> {
    if (from === edge) return answers.rooms();
    try {
      return v.parse(presencesSchema, await bus.request(channels.edge(from), { type: 'rooms' }, answerMs));
    } catch (error) {
      log.warn('an edge does not say which rooms live on it', { edge: from, error });
      return [];
    }
  }

  async function conductor(room: string, home: string | undefined): Promise<string | undefined> {
    try {
      const { lease } = homes?.of(home) ?? deps;
      return await lease.holder(roomLease(room));
    } catch (error) {
      log.warn('it is not known who conducts a room', { room, error });
      return undefined;
    }
  }

  async function resource(id: string, seen: readonly Seen[]): Promise<LiveRoomResource | undefined> {
    const found = await directory.room(id);
    if (found === undefined) return undefined;
    const { home } = found;
    const node = await conductor(id, home);
    // Who conducts it knows best; a replica may be a moment behind.
    const best = seen.find((each) => each.edge === node) ?? seen[0];
    if (best === undefined) return undefined;
    const { participants, streams, subscriptions, workers } = best.presence;
    return {
      id,
      name: found.room.name,
      service: found.service,
      edges: seen.map((each) => each.edge),
      ...(node === undefined ? {} : { node }),
      ...(home === undefined ? {} : { home }),
      participants,
      streams,
      subscriptions,
      workers,
    };
  }

  return {
    nodes: async () => (await registry.alive()).map(nodeOf),
    async media({ id, purposes }) {
      if (purposes.includes('portal')) return { pipelines: [], more: 0 };
      return v.parse(mediaUseSchema, await bus.request(channels.worker(id), { type: 'media-use' }, answerMs));
    },
    devices: async () => devicesOf(await registry.alive()),
    async drainDevice(id, { drain, software }) {
      const found = devicesOf(await registry.alive()).find((each) => each.id === id);
      if (found === undefined) throw new SluiceError('not-found', 'Device not found');
      const request: HostRequest = { type: 'drain-device', node: found.node, on: drain, software };
      const { state, rest } = v.parse(
        hostReplySchema,
        await bus.request(channels.host(found.host), request, drainMs),
      );
      return { id, state, rest };
    },
    async drainNode({ id, purposes }, { drain: on }) {
      if (purposes.includes('portal')) {
        throw new SluiceError('bad-request', 'An edge is drained where it runs: by SIGTERM');
      }
      const request: WorkerRequest = { type: 'drain', on };
      const rest = v.parse(drainReplySchema, await bus.request(channels.worker(id), request, answerMs));
      return { id, state: on ? 'draining' : 'ready', rest };
    },
    async config(node) {
      if (node.id === edge) return answers.config();
      const { purposes, maxLoad, capacity } = node;
      if (!purposes.includes('portal')) return { purposes, maxLoad, capacity };
      return v.parse(
        nodeConfigSchema,
        await bus.request(channels.edge(node.id), { type: 'config' }, answerMs),
      );
    },
    async rooms() {
      const portals = (await registry.alive()).filter(({ purposes }) => purposes.includes('portal'));
      const edges = [...new Set([edge, ...portals.map(({ worker }) => worker)])].sort();
      const seen = new Map<string, Seen[]>();
      const lists = await Promise.all(
        edges.map(async (each) => ({ edge: each, list: await presences(each) })),
      );
      for (const { edge: by, list } of lists) {
        for (const presence of list)
          seen.set(presence.room, [...(seen.get(presence.room) ?? []), { edge: by, presence }]);
      }
      const ids = [...seen.keys()].sort();
      const found = await Promise.all(ids.map((id) => resource(id, seen.get(id) ?? [])));
      return found.flatMap((room) => room ?? []);
    },
  };
}

interface Seen {
  readonly edge: string;
  readonly presence: RoomPresence;
}

function nodeOf(announcement: AliveAnnouncement): ClusterNode {
  const { worker, purposes, load, cost, maxLoad, state, capacity, device, portal } = announcement;
  const full = purposes.every(
    (purpose) => millionths(load[purpose] ?? 0) >= admissionLimit(maxLoad, cost?.[purpose]),
  );
  return {
    id: worker,
    purposes,
    state: state === 'ready' && full ? 'full' : state,
    load,
    ...(cost === undefined ? {} : { cost }),
    maxLoad,
    capacity,
    ...(device === undefined ? {} : { device }),
    ...(portal === undefined ? {} : { portal }),
  };
}

function devicesOf(alive: readonly AliveAnnouncement[]): readonly ClusterDevice[] {
  const devices = new Map<string, ClusterDevice>();
  for (const { worker, device, load } of alive) {
    if (device === undefined) continue;
    const id = `${device.host}.${device.node.split('/').at(-1) ?? ''}`;
    const known = devices.get(id);
    devices.set(id, {
      id,
      ...device,
      state: known?.state === 'left-out' ? known.state : device.state,
      workers: [...(known?.workers ?? []), worker],
      load: Math.max(known?.load ?? 0, load.video ?? 0),
    });
  }
  return [...devices.values()].sort((one, other) => (one.id < other.id ? -1 : 1));
}

/** The node of an id, or of its place in the list. Throws SluiceError `not-found`. */
export function nodeNamed(nodes: readonly ClusterNode[], name: string): ClusterNode {
  const place = /^\d{1,6}$/.test(name) ? nodes[Number(name)] : undefined;
  const found = nodes.find(({ id }) => id === name) ?? place;
  if (found === undefined) throw new SluiceError('not-found', 'Node not found');
  return found;
}
