// Owns what goes over one connection of a link: the way of every received packet to its track, and all RTCP. Which tracks
// there are is room-tracks.ts, the connection itself connection.ts, and when there is one link.ts.
import { BandwidthEstimator } from '../rtp/bandwidth.ts';
import { readTransportSequence } from '../rtp/extensions.ts';
import { parseRtp, RtpHeader } from '../rtp/packet.ts';
import { parseRtcp, RtcpWriter, type ReportBlock } from '../rtp/rtcp.ts';
import { unwrapRtx } from '../rtp/rtx.ts';
import { TwccRecorder } from '../rtp/twcc-recorder.ts';
import { TwccSender } from '../rtp/twcc-sender.ts';
import type { Source } from '../routing/source.ts';
import { Feedback } from '../webrtc/feedback.ts';
import type { MediaRim } from '../webrtc/media-rim.ts';
import { Heartbeat } from './heartbeat.ts';
import { linkExtensions } from './linked-source.ts';
import type { OutgoingTrack } from './outgoing-track.ts';
import { RepairBudget } from './repair-budget.ts';
import type { RoomTracks } from './room-tracks.ts';

export interface SessionOptions {
  readonly rim: MediaRim;
  /** SSRCs under which the two ends report of the link. */
  readonly ownSsrc: number;
  readonly peerSsrc: number;
  readonly send: (packet: Buffer) => boolean;
}

const reportEveryMs = 500;
/** A link between hosts carries more than one client's connection. */
const bandwidth = { startBps: 20_000_000, minBps: 500_000, maxBps: 10_000_000_000 };
const packetBytes = 1200;

const header = new RtpHeader();

interface Route {
  readonly source: Source;
  readonly repair: boolean;
}

export class Session {
  readonly transportCc: TwccSender;
  readonly repairs = new RepairBudget();
  readonly #options: SessionOptions;
  readonly #feedback: Feedback;
  readonly #heartbeat: Heartbeat;
  readonly #recorder = new TwccRecorder();
  readonly #estimator = new BandwidthEstimator(bandwidth);
  readonly #bytes = Buffer.alloc(packetBytes);
  readonly #writer = new RtcpWriter(this.#bytes);
  #routes: ReadonlyMap<number, Route> = new Map();
  #outgoing: ReadonlyMap<number, OutgoingTrack> = new Map();
  #estimated = false;
  #reportedMs = -Infinity;
  /** Packets of no source that is known, such as one that is not described yet. */
  unknownPackets = 0;

  constructor(options: SessionOptions) {
    const { rim, ownSsrc, peerSsrc, send } = options;
    this.#options = options;
    this.transportCc = new TwccSender(rim.arrivalSamples);
    this.#feedback = new Feedback(ownSsrc, send);
    this.#heartbeat = new Heartbeat(ownSsrc, peerSsrc);
  }

  get rttMs(): number | undefined {
    return this.#heartbeat.rttMs;
  }

  get availableBps(): number | undefined {
    return this.#estimated ? Math.round(this.#estimator.estimateBps) : undefined;
  }

  get lossFraction(): number {
    return this.#estimator.lossFraction;
  }

  /** Brings the tables that packets are looked up in up to date with the tracks. */
  route(rooms: Iterable<RoomTracks>): void {
    const routes = new Map<number, Route>();
    const outgoing = new Map<number, OutgoingTrack>();
    for (const room of rooms) {
      for (const { source, described } of room.incoming.values()) {
        if (!source || !described) continue;
        routes.set(described.ssrc, { source, repair: false });
        routes.set(described.rtxSsrc, { source, repair: true });
      }
      for (const track of room.outgoing.values()) {
        if (track.described) outgoing.set(track.described.ssrc, track);
      }
    }
    this.#routes = routes;
    this.#outgoing = outgoing;
  }

  /** Asks for something of an incoming source, unless it is one of a connection before. */
  nack(ssrc: number, sequences: readonly number[]): void {
    if (this.#routes.has(ssrc)) this.#feedback.nack(ssrc, sequences);
  }

  pli(ssrc: number): void {
    if (this.#routes.has(ssrc)) this.#feedback.pli(ssrc);
  }

  receiveRtp(packet: Buffer): void {
    if (!parseRtp(packet, header)) return;
    const nowMs = this.#options.rim.nowMs();
    const sequence = readTransportSequence(packet, header, linkExtensions.transportCc);
    if (sequence >= 0) this.#recorder.record(sequence, nowMs);
    const route = this.#routes.get(header.ssrc);
    if (!route) {
      this.unknownPackets++;
      return;
    }
    const { source, repair } = route;
    if (!repair) {
      source.receive(packet, header, nowMs, false);
      return;
    }
    if (source.ssrc === undefined) return;
    const repaired = unwrapRtx(packet, header, header.payloadType, source.ssrc);
    if (repaired && parseRtp(repaired, header)) source.receive(repaired, header, nowMs, true);
  }

  receiveRtcp(bytes: Buffer): void {
    const nowMs = this.#options.rim.nowMs();
    for (const packet of parseRtcp(bytes)) {
      switch (packet.type) {
        case 'sender-report': {
          if (this.#heartbeat.heard(packet, nowMs)) break;
          const route = this.#routes.get(packet.ssrc);
          if (route && !route.repair) route.source.senderReport(packet, nowMs);
          break;
        }
        case 'receiver-report':
          this.#takeBlocks(packet.reports, nowMs);
          break;
        case 'nack':
          this.#outgoing.get(packet.mediaSsrc)?.retransmit(packet.sequences, nowMs);
          break;
        case 'pli':
          this.#outgoing.get(packet.mediaSsrc)?.requestKeyFrame(nowMs);
          break;
        case 'transport-feedback':
          if (!this.transportCc.feedback(packet)) break;
          this.#estimator.feedback(this.transportCc.samples, nowMs);
          this.#estimated = true;
          break;
        case 'fir':
        case 'remb':
        case 'bye':
          break;
      }
    }
  }

  /** To be called every 25 ms or so while the connection is up. */
  tick(nowMs: number): void {
    const { ownSsrc, send } = this.#options;
    for (const { source, repair } of this.#routes.values()) if (!repair) source.tick(nowMs);
    for (const track of this.#outgoing.values()) track.tick();
    this.#recorder.flush(nowMs, ownSsrc, 0, (packet) => {
      send(Buffer.from(packet.buffer, packet.byteOffset, packet.byteLength));
    });
    this.#feedback.senderReports([...this.#outgoing.values()], nowMs);
    if (nowMs - this.#reportedMs < reportEveryMs) return;
    this.#reportedMs = nowMs;
    this.#writer.reset();
    this.#heartbeat.write(this.#writer, nowMs);
    send(this.#bytes.subarray(0, this.#writer.length));
    const sources = [...this.#routes.values()].flatMap(({ source, repair }) => (repair ? [] : source));
    for (const source of sources) source.rttMs = this.rttMs;
    this.#feedback.receiverReports(sources, nowMs);
  }

  #takeBlocks(blocks: readonly ReportBlock[], nowMs: number): void {
    for (const block of blocks) this.#outgoing.get(block.ssrc)?.receiverReport(block, nowMs);
  }
}
