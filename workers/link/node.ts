// Owns the links of a worker: one for each worker it shares a room with, as the rooms' documents say. It never throws out
// of `apply`.
import type { Bus, Unsubscribe } from '../../schemas/bus.ts';
import { SluiceError } from '../../schemas/error.ts';
import type { DesiredLink, LinkSignal, LinkStats } from '../../schemas/link.ts';
import type { DesiredRoom } from '../../schemas/worker.ts';
import { isOlder, type DocumentAge } from '../agent/document-order.ts';
import type { Clock, Log } from '../clock.ts';
import type { Routers } from '../routing/routers.ts';
import { createMediaRim, type MediaRim } from '../webrtc/media-rim.ts';
import { Link } from './link.ts';

export interface LinkNodeOptions {
  /** This worker's id. */
  readonly id: string;
  readonly bus: Bus;
  /** Shared with what else has media of the same rooms in this process. */
  readonly routers: Routers;
  readonly clock: Clock;
  readonly log: Log;
  /** The port that the transports of this process hold. */
  readonly udpPort: number;
  readonly bindAddress?: string;
  readonly announcedAddresses?: readonly string[];
  /** Without a packet for this long a link is begun anew. Default 4 s. */
  readonly silenceMs?: number;
}

export interface LinkNode {
  /** Makes a room's links what the document says; a document older than the one held is ignored. */
  apply(desired: DesiredRoom): void;
  /** What another worker says of the link between the two. Throws SluiceError `not-found` where there is none. */
  signal(from: string, signal: LinkSignal): Promise<unknown>;
  stats(): readonly LinkStats[];
  /** 0…1 of the packets per second one process forwards without queueing. */
  load(): number;
  /** Idempotent. */
  close(): void;
}

const tickMs = 25;
const defaultSilenceMs = 4000;
/** A link that no room wants stays for so long: the next change may want it again. */
const lingerMs = 5000;
const maxLinks = 1000;
/** In and out together; measured: beyond it the queue of the addon begins to grow. */
const packetsPerSecondAtFullLoad = 70_000;
const loadWindowMs = 2000;

export function createLinkNode(options: LinkNodeOptions): LinkNode {
  const rim = createMediaRim({
    clock: options.clock,
    log: options.log,
    udpPort: options.udpPort,
    bindAddress: options.bindAddress,
    announcedAddresses: options.announcedAddresses ?? [],
    silenceMs: options.silenceMs ?? defaultSilenceMs,
  });
  return new Node(options, rim);
}

class Node implements LinkNode {
  readonly #options: LinkNodeOptions;
  readonly #rim: MediaRim;
  readonly #links = new Map<string, Link>();
  /** Of links no room wants, by peer: when they end. */
  readonly #lingering = new Map<string, Unsubscribe>();
  readonly #rooms = new Map<string, DocumentAge & { readonly peers: readonly string[] }>();
  readonly #stops: readonly Unsubscribe[];
  /** Packets of links that are gone, so that the sum never falls. */
  #packetsBefore = 0;
  #packetsSeen = 0;
  #load = 0;
  #closed = false;

  constructor(options: LinkNodeOptions, rim: MediaRim) {
    this.#options = options;
    this.#rim = rim;
    this.#stops = [
      options.clock.every(tickMs, () => {
        const nowMs = rim.nowMs();
        for (const link of this.#links.values()) link.tick(nowMs);
      }),
      options.clock.every(loadWindowMs, () => {
        this.#measure();
      }),
    ];
  }

  apply(desired: DesiredRoom): void {
    const { room, home, fence = 0, version, links = [], transports, mixers } = desired;
    const known = this.#rooms.get(room);
    if (this.#closed || (known && isOlder({ fence, version }, known))) return;
    const wanted = new Map(links.map((link) => [link.peer, link]));
    for (const peer of known?.peers ?? []) if (!wanted.has(peer)) this.#want(room, home, peer, undefined);
    for (const [peer, link] of wanted) this.#want(room, home, peer, link);
    const isOver = transports.length === 0 && mixers.length === 0;
    if (isOver && wanted.size === 0) this.#rooms.delete(room);
    else this.#rooms.set(room, { fence, version, peers: [...wanted.keys()] });
  }

  async signal(from: string, signal: LinkSignal): Promise<unknown> {
    const link = this.#links.get(from);
    if (!link) throw new SluiceError('not-found', 'There is no link between the two');
    return link.signal(signal);
  }

  stats(): readonly LinkStats[] {
    return [...this.#links.values()].map((link) => link.stats());
  }

  load(): number {
    return this.#load;
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const stop of this.#stops) stop();
    for (const stop of this.#lingering.values()) stop();
    for (const link of this.#links.values()) link.close();
    this.#links.clear();
  }

  #want(room: string, home: string | undefined, peer: string, wanted: DesiredLink | undefined): void {
    const link = this.#links.get(peer) ?? (wanted === undefined ? undefined : this.#begin(peer));
    if (!link) return;
    link.want(room, home, this.#options.routers.of(room), wanted);
    this.#lingering.get(peer)?.();
    this.#lingering.delete(peer);
    if (link.wanted) return;
    const cancel = this.#options.clock.after(lingerMs, () => {
      this.#end(peer);
    });
    this.#lingering.set(peer, cancel);
  }

  #begin(peer: string): Link | undefined {
    const { id, bus, log } = this.#options;
    if (peer === id || this.#links.size >= maxLinks) {
      log.error('no link is made', { peer });
      return undefined;
    }
    const link = new Link({ own: id, peer, bus, rim: this.#rim });
    this.#links.set(peer, link);
    return link;
  }

  #end(peer: string): void {
    this.#lingering.delete(peer);
    const link = this.#links.get(peer);
    if (!link) return;
    this.#links.delete(peer);
    this.#packetsBefore += link.packets;
    link.close();
  }

  #measure(): void {
    let packets = this.#packetsBefore;
    for (const link of this.#links.values()) packets += link.packets;
    const perSecond = ((packets - this.#packetsSeen) * 1000) / loadWindowMs;
    this.#packetsSeen = packets;
    this.#load = Math.min(1, perSecond / packetsPerSecondAtFullLoad);
  }
}
