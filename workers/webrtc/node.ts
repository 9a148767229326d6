// Owns the webrtc purpose of a worker: rooms with their desired documents, converging peers to them, and serving their
// signaling. It never throws out of `apply`; what becomes true is told through `report`.
import { isOlder } from '../agent/document-order.ts';
import { SluiceError } from '../../schemas/error.ts';
import type { Unsubscribe } from '../../schemas/bus.ts';
import type {
  DesiredRoom,
  ReportItem,
  Signaling,
  SignalReply,
  TransportStats,
} from '../../schemas/worker.ts';
import type { Clock, Log } from '../clock.ts';
import { createMediaRim, type MediaRim } from './media-rim.ts';
import { Peer } from './peer.ts';
import type { Router } from '../routing/router.ts';
import type { Routers } from '../routing/routers.ts';
import { makeOwnCertificate } from './own-certificate.ts';
import { openUdpPort, type UdpPort } from './udp-port.ts';
import { VersionGate } from './version-gate.ts';

export interface WebRtcSettings {
  /** UDP port all transports share; the next free one is taken when it is in use. 0 or absent: any. */
  readonly udpPort?: number;
  /** Local address to use; absent: all interfaces. */
  readonly bindAddress?: string;
  /** Addresses clients reach this host under, in place of its own (one-to-one NAT). */
  readonly announcedAddresses?: readonly string[];
  /** Without a packet for this long where some must come, a transport has failed. Default 15 s. */
  readonly silenceMs?: number;
}

export interface WebRtcNodeOptions {
  /** Shared with what else has media of the same rooms in this process. */
  readonly routers: Routers;
  readonly settings: WebRtcSettings;
  readonly clock: Clock;
  readonly log: Log;
  readonly report: (room: string, items: readonly ReportItem[]) => void;
}

export interface WebRtcNode {
  readonly udpPort: number;
  readonly transports: number;
  /** Makes a room's media what the document says; a document older than the one held is ignored. */
  apply(desired: DesiredRoom): void;
  /** Throws SluiceError: `bad-request` for a bad offer, `not-found` for an unknown transport, `unavailable`. */
  signal(room: string, transport: string, version: number, signaling: Signaling): Promise<SignalReply>;
  /** Throws SluiceError `not-found`. */
  stats(room: string, transport: string): TransportStats;
  /** Of all transports of all rooms. */
  everyStats(): readonly TransportStats[];
  /** 0…1 of the packets per second one process forwards without queueing. */
  load(): number;
  close(): Promise<void>;
}

interface RoomMedia {
  fence: number;
  version: number;
  readonly router: Router;
  readonly peers: Map<string, Peer>;
}

const tickMs = 25;
const defaultSilenceMs = 15_000;
/** In and out together; measured: beyond it the queue of the addon begins to grow. */
const packetsPerSecondAtFullLoad = 70_000;
const loadWindowMs = 2000;

/** Opens the UDP port and starts. Throws SluiceError `unavailable` when no port is free. */
export async function createWebRtcNode(options: WebRtcNodeOptions): Promise<WebRtcNode> {
  const { settings, clock, log } = options;
  const port = await openUdpPort(settings.udpPort ?? 0, settings.bindAddress);
  const rim = createMediaRim({
    clock,
    log,
    udpPort: port.port,
    bindAddress: settings.bindAddress,
    announcedAddresses: settings.announcedAddresses ?? [],
    certificate: makeOwnCertificate(),
    silenceMs: settings.silenceMs ?? defaultSilenceMs,
  });
  return new Node(options, rim, port);
}

class Node implements WebRtcNode {
  readonly #options: WebRtcNodeOptions;
  readonly #rim: MediaRim;
  readonly #port: UdpPort;
  readonly #rooms = new Map<string, RoomMedia>();
  readonly #gate: VersionGate;
  readonly #stops: readonly Unsubscribe[];
  /** Packets of peers that are gone, so that the sum never falls. */
  #packetsBefore = 0;
  #packetsSeen = 0;
  #load = 0;

  constructor(options: WebRtcNodeOptions, rim: MediaRim, port: UdpPort) {
    this.#options = options;
    this.#rim = rim;
    this.#port = port;
    this.#gate = new VersionGate(options.clock);
    this.#stops = [
      options.clock.every(tickMs, () => {
        this.#tick();
      }),
      options.clock.every(loadWindowMs, () => {
        this.#measure();
      }),
    ];
  }

  get udpPort(): number {
    return this.#port.port;
  }

  get transports(): number {
    let count = 0;
    for (const { peers } of this.#rooms.values()) count += peers.size;
    return count;
  }

  apply(desired: DesiredRoom): void {
    const known = this.#rooms.get(desired.room);
    if (known && isOlder(desired, known)) return;
    if (desired.transports.length === 0) {
      if (known) this.#endRoom(desired.room, known);
    } else {
      const router = known?.router ?? this.#options.routers.of(desired.room);
      const room = known ?? { fence: 0, version: 0, router, peers: new Map<string, Peer>() };
      room.version = desired.version;
      room.fence = desired.fence ?? 0;
      this.#rooms.set(desired.room, room);
      this.#converge(room, desired);
    }
    this.#gate.reached(desired.room, desired.version);
  }

  async signal(room: string, transport: string, version: number, signaling: Signaling): Promise<SignalReply> {
    await this.#gate.wait(room, version, this.#rooms.get(room)?.version ?? -1);
    const peer = this.#peer(room, transport);
    switch (signaling.type) {
      case 'offer':
        return { answer: await peer.offer(signaling.sdp) };
      case 'candidate':
        peer.candidate(signaling.candidate);
        return {};
      case 'removed-candidates':
        // A pair that stops working is left by ICE itself.
        return {};
    }
  }

  stats(room: string, transport: string): TransportStats {
    return this.#peer(room, transport).stats();
  }

  everyStats(): readonly TransportStats[] {
    return [...this.#rooms.values()].flatMap(({ peers }) => [...peers.values()].map((peer) => peer.stats()));
  }

  load(): number {
    return this.#load;
  }

  async close(): Promise<void> {
    for (const stop of this.#stops) stop();
    this.#gate.close();
    for (const [id, room] of this.#rooms) this.#endRoom(id, room);
    this.#port.close();
    return Promise.resolve();
  }

  #peer(room: string, transport: string): Peer {
    const peer = this.#rooms.get(room)?.peers.get(transport);
    if (!peer) throw new SluiceError('not-found', `Transport ${transport} does NOT exist`);
    return peer;
  }

  #converge(room: RoomMedia, desired: DesiredRoom): void {
    const wanted = new Set(desired.transports.map(({ id }) => id));
    for (const [id, peer] of room.peers) if (!wanted.has(id)) this.#endPeer(room, id, peer);
    for (const transport of desired.transports) {
      const known = room.peers.get(transport.id);
      if (known) {
        known.update(transport);
        continue;
      }
      try {
        const peer = new Peer({
          desired: transport,
          router: room.router,
          rim: this.#rim,
          report: (items) => {
            this.#options.report(desired.room, items);
          },
        });
        room.peers.set(transport.id, peer);
      } catch (cause) {
        this.#options.log.error('transport could not be made', {
          room: desired.room,
          transport: transport.id,
          error: cause,
        });
        const reason = 'Transport could not be made';
        this.#options.report(desired.room, [{ type: 'transport-failed', transport: transport.id, reason }]);
      }
    }
  }

  #endPeer(room: RoomMedia, id: string, peer: Peer): void {
    this.#packetsBefore += peer.packets;
    room.peers.delete(id);
    peer.close();
  }

  #endRoom(id: string, room: RoomMedia): void {
    for (const [transport, peer] of room.peers) this.#endPeer(room, transport, peer);
    this.#rooms.delete(id);
  }

  #tick(): void {
    if (this.#rooms.size === 0) return;
    const nowMs = this.#rim.nowMs();
    for (const { peers } of this.#rooms.values()) for (const peer of peers.values()) peer.tick(nowMs);
  }

  #measure(): void {
    let packets = this.#packetsBefore;
    for (const { peers } of this.#rooms.values()) for (const peer of peers.values()) packets += peer.packets;
    const perSecond = ((packets - this.#packetsSeen) * 1000) / loadWindowMs;
    this.#packetsSeen = packets;
    this.#load = Math.min(1, perSecond / packetsPerSecondAtFullLoad);
  }
}
