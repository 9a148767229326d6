// Owns a cluster in two regions for tests: an edge in each, workers as wished, the management interface, and what the
// workers tell of their links. The processes themselves are cluster.ts's.
import { expect, vi } from 'vitest';
import * as v from 'valibot';
import { ManagementClient } from '../../deploy/rest/management-client.ts';
import { nodeClock } from '../../edge/platform/node/clock.ts';
import { nodeRandom } from '../../edge/platform/node/random.ts';
import { createRedisPorts, type RedisPorts } from '../../edge/platform/redis/ports.ts';
import { roomLease } from '../../edge/rooms/room-lease.ts';
import { channels } from '../../schemas/bus.ts';
import { clusterNodeSchema, liveRoomSchema } from '../../schemas/cluster.ts';
import { linkStatsSchema, type LinkStats } from '../../schemas/link.ts';
import type { Purpose } from '../../schemas/worker.ts';
import { type EdgeMember, type EdgeOptions, TestCluster, type WorkerMember } from './cluster.ts';
import { SignalClient } from './signal-client.ts';

export const places = {
  west: { isp: 'alpha', region: 'west' },
  east: { isp: 'beta', region: 'east' },
} as const;
export type PlaceName = keyof typeof places;

/** A host with one worker. */
export interface HostWish {
  readonly place: PlaceName;
  /** Absent: all it has codecs for. */
  readonly purposes?: readonly Purpose[];
}

const nodesSchema = v.array(clusterNodeSchema);
const roomsSchema = v.array(liveRoomSchema);
const linksSchema = v.array(linkStatsSchema);

/** The configuration of a process that serves that place. */
export function config(place: PlaceName): string {
  const { isp, region } = places[place];
  return `[cluster]\nregions = ["${region}"]\nisps = ["${isp}"]`;
}

export class TwoRegions {
  readonly cluster: TestCluster;
  readonly edges: Readonly<Record<PlaceName, EdgeMember>>;
  /** One for each wish, in that order. */
  readonly hosts: readonly WorkerMember[];
  readonly operator: ManagementClient;
  readonly tenant: ManagementClient;
  readonly #ports: RedisPorts;

  private constructor(
    cluster: TestCluster,
    edges: Readonly<Record<PlaceName, EdgeMember>>,
    hosts: readonly WorkerMember[],
  ) {
    this.cluster = cluster;
    this.edges = edges;
    this.hosts = hosts;
    const { west, east } = edges;
    // Keys are told once, by the edge that made them.
    this.operator = new ManagementClient(east.url, { service: west.super.id, key: west.super.key });
    this.tenant = new ManagementClient(east.url, { service: west.sample.id, key: west.sample.key });
    const log = { info: () => undefined, warn: () => undefined, error: () => undefined };
    const { url } = cluster.redis;
    this.#ports = createRedisPorts({ urls: { rooms: url }, clock: nodeClock, random: nodeRandom, log });
  }

  /** Resolves once the edges know all workers. `east` is how its edge differs. */
  static async start(wishes: readonly HostWish[], east: EdgeOptions = {}): Promise<TwoRegions> {
    const cluster = await TestCluster.start();
    try {
      // Before all else: the first makes the services.
      const first = await cluster.edge({ config: config('west') });
      const [second, hosts] = await Promise.all([
        cluster.edge({ ...east, config: config('east') }),
        Promise.all(wishes.map((wish) => startHost(cluster, wish))),
      ]);
      const regions = new TwoRegions(cluster, { west: first, east: second }, hosts);
      await regions.known(2 + wishes.length);
      return regions;
    } catch (error) {
      await cluster.stop();
      throw error;
    }
  }

  /** One more host of workers. */
  host(wish: HostWish): Promise<WorkerMember> {
    return startHost(this.cluster, wish);
  }

  /** Resolves once so many processes, edges and workers, are ready for work. */
  async known(count: number): Promise<void> {
    const look = async (): Promise<void> => {
      const ready = (await this.nodes()).filter(
        ({ state, load }) => state === 'ready' && Object.keys(load).length > 0,
      );
      expect(ready).toHaveLength(count);
    };
    await vi.waitFor(look, { timeout: 30_000, interval: 200 });
  }

  /** The host that runs a worker. */
  hostOf(worker: string): WorkerMember {
    // Others name it, too: those that have a link with it.
    const started = (line: string) => line.includes('worker is starting') && line.includes(worker);
    const found = this.hosts.find((host) => host.output().split('\n').some(started));
    if (found === undefined) throw new Error(`no host knows ${worker}`);
    return found;
  }

  async nodes() {
    return v.parse(nodesSchema, (await this.operator.ask('GET', '/cluster/nodes')).body);
  }

  /** How the cluster sees a room. */
  async seen(room: string) {
    const rooms = v.parse(roomsSchema, (await this.operator.ask('GET', '/cluster/rooms')).body);
    return rooms.find(({ id }) => id === room);
  }

  /** The edge that conducts a room now. */
  conductor(room: string): Promise<string | undefined> {
    return this.#ports.lease.holder(roomLease(room));
  }

  async newRoom(options: object = {}): Promise<string> {
    const { body } = await this.tenant.ask('POST', '/v1/rooms', { name: 'somewhere', options });
    return v.parse(v.object({ _id: v.string() }), body)._id;
  }

  /** A token for a client of that place. */
  async token(room: string, user: string, place: PlaceName): Promise<string> {
    const body = { user, role: 'presenter', preference: places[place] };
    return String((await this.tenant.ask('POST', `/v1/rooms/${room}/tokens`, body)).body);
  }

  /** Joins where the token says. */
  async join(room: string, user: string, place: PlaceName): Promise<SignalClient> {
    const token = await this.token(room, user, place);
    return SignalClient.join(edgeOf(token), token);
  }

  /** What each worker tells of its links, by its id. */
  async links(): Promise<ReadonlyMap<string, readonly LinkStats[]>> {
    const workers = (await this.nodes()).filter(({ purposes }) => !purposes.includes('portal'));
    const { bus } = this.#ports;
    return new Map(
      await Promise.all(
        workers.map(async ({ id }) => {
          const reply = await bus.request(channels.worker(id), { type: 'link-stats' }, 3000);
          return [id, v.parse(linksSchema, reply)] as const;
        }),
      ),
    );
  }

  async stop(): Promise<void> {
    await this.#ports.close();
    await this.cluster.stop();
  }
}

/** The address of the edge that a token leads to. */
export function edgeOf(token: string): string {
  const schema = v.object({ host: v.string() });
  return `http://${v.parse(schema, JSON.parse(Buffer.from(token, 'base64').toString())).host}`;
}

function startHost(cluster: TestCluster, { place, purposes }: HostWish): Promise<WorkerMember> {
  const chosen = purposes === undefined ? [] : ['--purposes', purposes.join()];
  return cluster.workers({ config: config(place), args: ['--processes', '1', ...chosen] });
}
