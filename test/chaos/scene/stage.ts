// Owns the stage of a chaos run: a cluster as processes, rooms on it, one of them with a view, and the members of each.
import { TestCluster, type EdgeMember, type WorkerMember } from '../../support/cluster.ts';
import { MixedRoom } from '../../support/mixed-room.ts';
import { sampleToken } from '../../support/signal-client.ts';
import { Flow } from './flow.ts';
import { LogReader } from './log-reader.ts';
import { KeptPublication, KeptSubscription } from './media.ts';
import { Member } from './member.ts';
import { OwtMember } from './owt-member.ts';
import { OwnerWatch } from './owner-watch.ts';
import { Record } from './record.ts';

export interface StageOptions {
  readonly edges: number;
  readonly rooms: number;
}

export interface Room {
  readonly id: string;
  readonly members: readonly Member[];
  readonly owt: OwtMember;
  readonly publication: KeptPublication;
  readonly subscription: KeptSubscription;
  readonly flow: Flow;
  readonly mixed: boolean;
}

const packetsPerSecond = 50;
const knownWithinMs = 30_000;
const startAttempts = 5;
const webrtc = ['--purposes', 'webrtc', '--processes', '1'];
const mixing = ['--purposes', 'audio,video', '--processes', '1'];
const view = {
  label: 'common',
  video: {
    parameters: { resolution: { width: 176, height: 144 }, framerate: 12 },
    layout: { templates: { base: 'fluid' } },
  },
};

export class Stage {
  readonly cluster: TestCluster;
  readonly record = new Record();
  /** A place keeps its number when another process takes it. */
  readonly edges: EdgeMember[] = [];
  readonly hosts: WorkerMember[] = [];
  readonly mixers: WorkerMember[] = [];
  readonly rooms: Room[] = [];
  readonly log: LogReader;
  #owners: OwnerWatch | undefined;

  private constructor(cluster: TestCluster) {
    this.cluster = cluster;
    this.log = new LogReader(cluster.redis.url, this.record);
  }

  /** Resolves once media flow in every room. */
  static async build({ edges, rooms }: StageOptions): Promise<Stage> {
    const stage = new Stage(await TestCluster.start());
    try {
      // The first makes the services.
      for (let count = 0; count < edges; count += 1) await stage.newEdge(count);
      await Promise.all([0, 1].flatMap((place) => [stage.newHost(place), stage.newMixer(place)]));
      if (!(await stage.known(knownWithinMs))) throw new Error('the workers are not known');
      for (let count = 0; count < rooms; count += 1)
        stage.rooms.push(await stage.#room(count, count === rooms - 1));
      const ids = stage.rooms.map(({ id }) => id);
      for (const id of ids) await stage.log.follow(id);
      stage.#owners = new OwnerWatch(stage.cluster.redis.admin, ids, stage.record);
      return stage;
    } catch (error) {
      await stage.close();
      throw error;
    }
  }

  get owners(): OwnerWatch {
    if (this.#owners === undefined) throw new Error('the stage is not built yet');
    return this.#owners;
  }

  readonly urls = (): readonly string[] => this.edges.map(({ url }) => url);

  /** From whichever edge gives one. */
  readonly token = async (room: string, user: string): Promise<string> => {
    const [url] = await this.anyEdge((each) => sampleToken(each, user, room));
    return url;
  };

  /** What the first edge that can do it answers; rejects when none can. */
  async anyEdge<T>(work: (url: string) => Promise<T>): Promise<readonly [T]> {
    let last: unknown;
    for (const { url } of this.edges) {
      try {
        return [await inTime(work(url), 3_000)];
      } catch (error) {
        last = error;
      }
    }
    throw last;
  }

  member(room: string, name: string, at: number): Member {
    return new Member({ room, name, at, record: this.record, edges: this.urls, token: this.token });
  }

  /** Puts another process in the place of an edge. */
  async newEdge(place: number): Promise<void> {
    this.edges[place] = await patiently(() => this.cluster.edge());
  }

  async newHost(place: number): Promise<void> {
    this.hosts[place] = await patiently(() => this.cluster.workers({ args: webrtc }));
  }

  async newMixer(place: number): Promise<void> {
    this.mixers[place] = await patiently(() => this.cluster.workers({ args: mixing }));
  }

  /** The worker that mixes a room's views now, as its log says. */
  mixingWorker(room: string): string | undefined {
    return this.log.mixing.get(room);
  }

  /** Whether the registry has two workers of each kind, the living and nobody else, before that time is over. */
  async known(withinMs: number): Promise<boolean> {
    const deadline = performance.now() + withinMs;
    for (;;) {
      const { webrtc, video } = await this.#workers();
      if (webrtc === 2 && video === 2) return true;
      if (performance.now() > deadline) return false;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }

  async close(): Promise<void> {
    this.#owners?.close();
    for (const { publication, subscription, flow, members, owt } of this.rooms) {
      publication.close();
      subscription.close();
      flow.close();
      for (const member of members) member.leave();
      await owt.close();
    }
    await this.log.close();
    await this.cluster.stop();
  }

  async #workers(): Promise<{ webrtc: number; video: number }> {
    try {
      const alive = await this.log.ports.registry.alive();
      const of = (purpose: 'webrtc' | 'video') =>
        alive.filter(({ purposes, load }) => purposes.includes(purpose) && load[purpose] !== undefined)
          .length;
      return { webrtc: of('webrtc'), video: of('video') };
    } catch {
      return { webrtc: 0, video: 0 };
    }
  }

  async #room(index: number, mixed: boolean): Promise<Room> {
    const [first] = this.urls();
    if (first === undefined) throw new Error('there is no edge');
    const made = await MixedRoom.create(first, { views: mixed ? [view] : [] });
    const { id } = made;
    const kept: (KeptPublication | KeptSubscription)[] = [];
    const members = ['speaker', 'viewer', 'talker'].map(
      (name, at) =>
        new Member({
          room: id,
          name: `${index}.${name}`,
          at: index + at,
          record: this.record,
          edges: this.urls,
          token: this.token,
          ...(name === 'talker' ? {} : { noticed: (notice) => kept[at]?.hear(notice) }),
        }),
    );
    const [speaker, viewer] = members;
    if (speaker === undefined || viewer === undefined) throw new Error('a room needs two');
    const publication = new KeptPublication(speaker, packetsPerSecond, async (stream) => {
      const request = { id: stream, operation: 'mix', data: 'common' } as const;
      if (mixed) await speaker.ask({ do: 'stream-control', request }, () => undefined);
    });
    const subscription = new KeptSubscription(viewer, () =>
      mixed ? made.mixed() : [...viewer.mirror.streams.values()].find(({ type }) => type === 'forward')?.id,
    );
    kept.push(publication, subscription);
    for (const member of members) await member.join();
    const owt = await OwtMember.join({
      room: id,
      name: `${index}.owt`,
      at: index,
      record: this.record,
      edges: this.urls,
      token: this.token,
    });
    await inTime(publication.keep(), knownWithinMs);
    await inTime(subscription.keep(), knownWithinMs);
    const flow = new Flow(() => subscription.packets);
    return { id, members, owt, publication, subscription, flow, mixed };
  }
}

/** On a machine with other work a process may need several attempts to start. */
async function patiently<T>(start: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await start();
    } catch (error) {
      if (attempt === startAttempts) throw error;
    }
  }
}

/** Rejects when it takes longer than `ms`. */
export function inTime<T>(work: Promise<T>, ms: number): Promise<T> {
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => reject(new Error(`not done in ${ms} ms`)), ms);
    work.then(
      (result) => {
        clearTimeout(late);
        resolve(result);
      },
      (error: unknown) => {
        clearTimeout(late);
        reject(error instanceof Error ? error : new Error(String(error)));
      },
    );
  });
}
