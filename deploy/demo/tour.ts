// Owns what the demonstration of regions shows: who leads where, by the management interface alone, as any application
// could see it.
import * as v from 'valibot';
import { clusterNodeSchema, liveRoomSchema } from '../../schemas/cluster.ts';
import type { PinnedToken } from '../process/parent-message.ts';
import { ManagementClient, refusalText } from '../rest/management-client.ts';

export interface Place {
  readonly isp: string;
  readonly region: string;
  /** URL of its edge. */
  readonly edge: string;
  /** Where that finds Redis, for a person. */
  readonly redis: string;
}

interface FirstEdge {
  readonly url: string;
  readonly sample: { readonly id: string; readonly key: string; readonly room: string };
  readonly super: { readonly id: string; readonly key: string };
}

const nodesSchema = v.array(clusterNodeSchema);
const roomsSchema = v.array(liveRoomSchema);
const hostSchema = v.object({ host: v.string(), secure: v.boolean() });
const pollMs = 200;

export class Tour {
  readonly #operator: ManagementClient;
  readonly #tenant: ManagementClient;
  readonly #places: readonly Place[];
  /** Of the tokens: the sample application's own, which the pages open too. */
  readonly room: string;
  /** The last line told of each room. */
  readonly #told = new Map<string, string>();

  /** `first` made the services. */
  constructor(first: FirstEdge, places: readonly Place[]) {
    this.#operator = new ManagementClient(first.url, { service: first.super.id, key: first.super.key });
    this.#tenant = new ManagementClient(first.url, { service: first.sample.id, key: first.sample.key });
    this.#places = places;
    this.room = first.sample.room;
  }

  /** Resolves once every place has an edge and a worker for WebRTC that take work. */
  async everybodyThere(): Promise<void> {
    for (;;) {
      const nodes = await this.#nodes();
      const ready = (place: Place, purpose: string) =>
        nodes.some(
          ({ purposes, state, capacity, load }) =>
            purposes.some((each) => each === purpose) &&
            state === 'ready' &&
            load[purpose] !== undefined &&
            capacity.regions.includes(place.region),
        );
      if (this.#places.every((place) => ready(place, 'portal') && ready(place, 'webrtc'))) return;
      await new Promise((resolve) => setTimeout(resolve, pollMs));
    }
  }

  /** One for each place. */
  async tokens(): Promise<readonly PinnedToken[]> {
    return Promise.all(this.#places.map(({ isp, region }) => this.#token({ isp, region })));
  }

  async welcome(tokens: readonly PinnedToken[]): Promise<string> {
    const places = this.#places.map(
      ({ isp, region, edge, redis }) =>
        `  ${region.padEnd(6)} ISP ${isp.padEnd(6)} ${edge}   Redis: ${redis}`,
    );
    const pinned = tokens.flatMap(({ isp, region, token, edge, workers }) => [
      `  ${isp}, ${region}: leads to ${edge}, media goes to ${workers.join(' or ')}`,
      `    ${token}`,
    ]);
    const nodes = await this.#nodes();
    return [
      'Two regions:',
      ...places,
      `  ${nodes.length} processes: ${nodes.map(({ id, purposes }) => `${id} (${purposes.join(', ')})`).join('; ')}`,
      '',
      `Join tokens for room ${this.room}, pinned to ISP and region, good for one use:`,
      ...pinned,
      '',
      'Open both pages, each makes tokens of its region, and see below where the room goes. Ctrl-C stops.',
      ...this.#places.map(
        ({ edge, region }) => `  ${region.padEnd(6)} ${edge.replace('127.0.0.1', 'localhost')}/`,
      ),
    ].join('\n');
  }

  /** A line for each room that lives elsewhere than when it was told of last. */
  async news(): Promise<readonly string[]> {
    const rooms = v.parse(roomsSchema, (await this.#operator.ask('GET', '/cluster/rooms')).body);
    return rooms.flatMap(({ id, name, participants, streams, edges, workers }) => {
      const line =
        `room ${name}: ${participants} participants, ${streams} streams; ` +
        `edges ${edges.join(', ')}; media on ${workers.join(', ') || 'no worker'}`;
      if (this.#told.get(id) === line) return [];
      this.#told.set(id, line);
      return [line];
    });
  }

  async #nodes() {
    return v.parse(nodesSchema, (await this.#operator.ask('GET', '/cluster/nodes')).body);
  }

  async #token(pair: { isp: string; region: string }): Promise<PinnedToken> {
    const body = { user: `${pair.isp} ${pair.region}`, role: 'presenter', preference: pair };
    const reply = await this.#tenant.ask('POST', `/v1/rooms/${this.room}/tokens`, body);
    if (typeof reply.body !== 'string') throw new Error(`no token: ${refusalText(reply)}`);
    const { host, secure } = v.parse(hostSchema, JSON.parse(Buffer.from(reply.body, 'base64').toString()));
    const serves = (own: readonly string[], wanted: string) => own.length === 0 || own.includes(wanted);
    const workers = (await this.#nodes()).filter(
      ({ purposes, capacity }) =>
        purposes.includes('webrtc') &&
        serves(capacity.isps, pair.isp) &&
        serves(capacity.regions, pair.region),
    );
    return {
      ...pair,
      token: reply.body,
      edge: `${secure ? 'https' : 'http'}://${host}`,
      workers: workers.map(({ id }) => id),
    };
  }
}
