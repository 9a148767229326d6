// Owns one client's connection as a whole: its transport, the sessions wanted on it, the negotiation between the two, the
// way of every received packet, and what is reported. Rooms and their documents: node.ts.
import type {
  DesiredPublication,
  DesiredSubscription,
  DesiredTransport,
  IceCandidate,
  ReportItem,
  TransportStats,
} from '../../schemas/worker.ts';
import { readTransportSequence } from '../rtp/extensions.ts';
import { parseRtp, RtpHeader } from '../rtp/packet.ts';
import { parseRtcp, type ReportBlock } from '../rtp/rtcp.ts';
import { unwrapRtx } from '../rtp/rtx.ts';
import { TwccRecorder } from '../rtp/twcc-recorder.ts';
import { TwccSender } from '../rtp/twcc-sender.ts';
import { Feedback } from './feedback.ts';
import type { MediaRim } from './media-rim.ts';
import { negotiate, type Outcome } from './negotiation.ts';
import { Publication } from './publication.ts';
import type { Router } from '../routing/router.ts';
import { writeAnswer } from './sdp-answer.ts';
import { parseSdp } from './sdp-parse.ts';
import type { Outlet, Sink } from './sink.ts';
import type { Source } from '../routing/source.ts';
import { SsrcTable } from './ssrc-table.ts';
import { Subscription } from './subscription.ts';
import { Transport } from './transport.ts';

export interface PeerOptions {
  readonly desired: DesiredTransport;
  readonly router: Router;
  readonly rim: MediaRim;
  readonly report: (items: readonly ReportItem[]) => void;
}

const reportEveryMs = 1000;
/** A sink that sent this recently makes its receiver report. */
const sendingMs = 5000;

const header = new RtpHeader();

export class Peer {
  readonly id: string;
  readonly #options: PeerOptions;
  readonly #transport: Transport;
  readonly #outlet: Outlet & { transportCcId: number };
  readonly #feedback: Feedback;
  readonly #ssrc: number;
  readonly #table = new SsrcTable();
  /** Made by the first packet with a transport-wide number: who only receives media needs none. */
  #recorder: TwccRecorder | undefined;
  readonly #publications = new Map<string, Publication>();
  readonly #subscriptions = new Map<string, Subscription>();
  #sources: readonly Source[] = [];
  #sinks: readonly Sink[] = [];
  #sinkBySsrc: ReadonlyMap<number, Sink> = new Map();
  #transportCcId = 0;
  #answers = 0;
  #upReported = false;
  #negotiating: Promise<unknown> = Promise.resolve();
  #reportedMs: number;
  #receivedBefore = 0;
  #receivedMs: number;

  constructor(options: PeerOptions) {
    const { rim, desired } = options;
    this.id = desired.id;
    this.#options = options;
    this.#ssrc = rim.random32();
    this.#reportedMs = rim.nowMs();
    this.#receivedMs = this.#reportedMs;
    const transport = new Transport({
      id: desired.id,
      udpPort: rim.udpPort,
      bindAddress: rim.bindAddress,
      announcedAddresses: rim.announcedAddresses,
      certificate: rim.certificate,
      clock: rim.clock,
      log: rim.log,
      events: {
        rtp: (packet) => {
          this.#receiveRtp(packet);
        },
        rtcp: (packet) => {
          this.#receiveRtcp(packet);
        },
        up: () => {
          this.#comeUp();
        },
        failed: (reason) => {
          this.#fail(reason);
        },
      },
    });
    this.#transport = transport;
    this.#feedback = new Feedback(this.#ssrc, (packet) => transport.send(packet));
    this.#outlet = {
      get up() {
        return transport.up;
      },
      transportCcId: 0,
      transportCc: new TwccSender(rim.arrivalSamples),
      scratch: rim.scratch,
      send: (packet) => transport.send(packet),
    };
    this.update(desired);
  }

  /** Packets received and sent since it began, for the load. */
  get packets(): number {
    return this.#transport.packetsReceived + this.#transport.packetsSent;
  }

  /** Follows the sessions wanted. Those that are gone stop at once, without SDP (portal-protocol §7.4). */
  update(desired: DesiredTransport): void {
    this.#updatePublications(desired.publications);
    this.#updateSubscriptions(desired.subscriptions);
    this.#refresh();
  }

  /** Answers an offer for all sessions wanted at this moment. Throws SluiceError. One offer at a time. */
  offer(sdp: string): Promise<string> {
    const answer = this.#negotiating.then(() => this.#answer(sdp));
    this.#negotiating = answer.catch(() => undefined);
    return answer;
  }

  candidate(candidate: IceCandidate): void {
    this.#transport.addCandidate(candidate.candidate);
  }

  /** To be called every 25 ms or so. */
  tick(nowMs: number): void {
    if (!this.#transport.up) return;
    for (const source of this.#sources) source.tick(nowMs);
    if (this.#transportCcId !== 0 && this.#recorder !== undefined) {
      this.#recorder.flush(nowMs, this.#ssrc, this.#sources[0]?.ssrc ?? 0, (packet) => {
        this.#transport.send(Buffer.from(packet.buffer, packet.byteOffset, packet.byteLength));
      });
    }
    if (nowMs - this.#reportedMs < reportEveryMs) return;
    this.#reportedMs = nowMs;
    const rttMs = this.#sinks.find((sink) => sink.rttMs !== undefined)?.rttMs;
    for (const source of this.#sources) source.rttMs = rttMs;
    this.#feedback.receiverReports(this.#sources, nowMs);
    this.#feedback.senderReports(this.#sinks, nowMs);
    this.#endUnfit(nowMs);
    this.#reportChanges();
    this.#watchSilence(nowMs);
  }

  stats(): TransportStats {
    return {
      transport: this.id,
      state: this.#transport.state,
      received: this.#sources.map((source) => source.counters()),
      sent: [...this.#subscriptions.values()].flatMap((subscription) =>
        subscription.sinks.map((sink) => sink.counters(subscription.trackOf(sink))),
      ),
    };
  }

  close(): void {
    this.#endSessions();
    this.#transport.close();
  }

  #updatePublications(wanted: readonly DesiredPublication[]): void {
    const ids = new Set(wanted.map(({ id }) => id));
    for (const [id, publication] of this.#publications) {
      if (ids.has(id)) continue;
      publication.close();
      this.#publications.delete(id);
    }
    for (const desired of wanted) {
      const known = this.#publications.get(desired.id);
      if (known) known.update(desired);
      else {
        const { router, rim } = this.#options;
        const publication = new Publication(desired, {
          transport: this.id,
          router,
          feedback: this.#feedback,
          nowMs: () => rim.nowMs(),
        });
        this.#publications.set(desired.id, publication);
      }
    }
  }

  #updateSubscriptions(wanted: readonly DesiredSubscription[]): void {
    const ids = new Set(wanted.map(({ id }) => id));
    for (const [id, subscription] of this.#subscriptions) {
      if (ids.has(id)) continue;
      subscription.close();
      this.#subscriptions.delete(id);
    }
    for (const desired of wanted) {
      const known = this.#subscriptions.get(desired.id);
      if (known) known.update(desired);
      else {
        const { router, rim } = this.#options;
        const subscription = new Subscription(desired, { router, rim, outlet: this.#outlet });
        this.#subscriptions.set(desired.id, subscription);
      }
    }
  }

  /** Brings the lists that packets are looked up in up to date with the sessions. */
  #refresh(): void {
    const publications = [...this.#publications.values()];
    this.#sources = publications.flatMap(({ sources }) => sources);
    this.#table.setTracks(publications.flatMap(({ incoming }) => incoming));
    this.#sinks = [...this.#subscriptions.values()].flatMap(({ sinks }) => sinks);
    this.#sinkBySsrc = new Map(this.#sinks.map((sink) => [sink.ssrc, sink]));
  }

  async #answer(sdp: string): Promise<string> {
    const offer = parseSdp(sdp);
    const local = await this.#transport.accept(offer);
    const publications = [...this.#publications.values()].filter(({ state }) => state !== 'failed');
    const subscriptions = [...this.#subscriptions.values()].filter(({ state }) => state !== 'failed');
    const result = negotiate(
      offer,
      publications.map(({ desired }) => desired),
      subscriptions.map((subscription) => subscription.outgoing()),
    );
    this.#transportCcId = result.extensions.transportCc ?? 0;
    this.#outlet.transportCcId = this.#transportCcId;
    this.#table.setExtensions(result.extensions);
    const items: ReportItem[] = [];
    for (const outcome of result.publications) this.#takePublication(outcome, items);
    for (const outcome of result.subscriptions) this.#takeSubscription(outcome, items);
    this.#refresh();
    for (const source of this.#sources) source.audioLevelId = result.extensions.audioLevel;
    for (const publication of this.#publications.values()) publication.bind(this.#table);
    this.#report([...items, ...this.#readyItems()]);
    this.#answers++;
    return writeAnswer(result.sections, local, this.#answers);
  }

  #takePublication(
    outcome: Outcome<Parameters<Publication['negotiated']>[0][number]>,
    items: ReportItem[],
  ): void {
    const publication = this.#publications.get(outcome.id);
    if (!publication || outcome.state === 'waiting') return;
    if (outcome.state === 'negotiated') publication.negotiated(outcome.tracks);
    else if (publication.state === 'waiting') {
      publication.state = 'failed';
      items.push({ type: 'publication-failed', publication: outcome.id, reason: outcome.reason });
    }
  }

  #takeSubscription(
    outcome: Outcome<Parameters<Subscription['negotiated']>[0][number]>,
    items: ReportItem[],
  ): void {
    const subscription = this.#subscriptions.get(outcome.id);
    if (!subscription || outcome.state === 'waiting') return;
    if (outcome.state === 'negotiated') {
      subscription.negotiated(outcome.tracks);
      const tracks = subscription.takeSettled();
      if (tracks.length > 0) {
        items.push({ type: 'subscription-negotiated', subscription: outcome.id, tracks });
      }
    } else if (subscription.state === 'waiting') {
      subscription.state = 'failed';
      items.push({ type: 'subscription-failed', subscription: outcome.id, reason: outcome.reason });
    }
  }

  /** What became ready: negotiated sessions of a transport that is up. */
  #readyItems(): ReportItem[] {
    if (!this.#transport.up) return [];
    const items: ReportItem[] = [];
    if (!this.#upReported) items.push({ type: 'transport-ready', transport: this.id });
    this.#upReported = true;
    for (const publication of this.#publications.values()) {
      if (publication.state !== 'negotiated') continue;
      publication.state = 'ready';
      publication.changed = false;
      const tracks = publication.reported();
      items.push({ type: 'publication-ready', publication: publication.id, tracks });
    }
    for (const subscription of this.#subscriptions.values()) {
      if (subscription.state !== 'negotiated') continue;
      subscription.state = 'ready';
      items.push({ type: 'subscription-ready', subscription: subscription.id });
    }
    return items;
  }

  /** A subscription turned to a source whose codec its client did not take in the last negotiation. */
  #endUnfit(nowMs: number): void {
    for (const subscription of this.#subscriptions.values()) {
      const unfit = subscription.hopeless(nowMs);
      if (!unfit || subscription.state === 'failed') continue;
      subscription.state = 'failed';
      subscription.close();
      this.#refresh();
      const reason = `No available ${unfit.kind} format`;
      this.#report([{ type: 'subscription-failed', subscription: subscription.id, reason }]);
    }
  }

  #reportChanges(): void {
    const items: ReportItem[] = [];
    for (const publication of this.#publications.values()) {
      if (!publication.changed || publication.state !== 'ready') continue;
      publication.changed = false;
      const tracks = publication.reported();
      items.push({ type: 'publication-changed', publication: publication.id, tracks });
    }
    this.#report(items);
  }

  #report(items: readonly ReportItem[]): void {
    if (items.length > 0) this.#options.report(items);
  }

  #comeUp(): void {
    const nowMs = this.#options.rim.nowMs();
    this.#receivedMs = nowMs;
    this.#report(this.#readyItems());
    for (const { source } of this.#sinks) source?.requestKeyFrame(nowMs);
  }

  #fail(reason: string): void {
    this.#endSessions();
    this.#transport.close();
    this.#report([{ type: 'transport-failed', transport: this.id, reason }]);
  }

  #endSessions(): void {
    for (const publication of this.#publications.values()) publication.close();
    for (const subscription of this.#subscriptions.values()) subscription.close();
    this.#publications.clear();
    this.#subscriptions.clear();
    this.#refresh();
  }

  #receiveRtp(packet: Buffer): void {
    if (!parseRtp(packet, header)) return;
    const nowMs = this.#options.rim.nowMs();
    if (this.#transportCcId !== 0) {
      const sequence = readTransportSequence(packet, header, this.#transportCcId);
      if (sequence >= 0) (this.#recorder ??= new TwccRecorder()).record(sequence, nowMs);
    }
    const route = this.#table.find(header.ssrc) ?? this.#table.learn(packet, header);
    if (!route) return;
    if (!route.repair) {
      route.source.receive(packet, header, nowMs, false);
      return;
    }
    const { source } = route;
    if (source.ssrc === undefined) return;
    const repaired = unwrapRtx(packet, header, source.payload.type, source.ssrc);
    if (repaired && parseRtp(repaired, header)) source.receive(repaired, header, nowMs, true);
  }

  #receiveRtcp(bytes: Buffer): void {
    const nowMs = this.#options.rim.nowMs();
    for (const packet of parseRtcp(bytes)) {
      switch (packet.type) {
        case 'sender-report': {
          const route = this.#table.find(packet.ssrc);
          if (route && !route.repair) route.source.senderReport(packet, nowMs);
          this.#takeBlocks(packet.reports, nowMs);
          break;
        }
        case 'receiver-report':
          this.#takeBlocks(packet.reports, nowMs);
          break;
        case 'nack':
          this.#sinkBySsrc.get(packet.mediaSsrc)?.retransmit(packet.sequences, nowMs);
          break;
        case 'pli':
          this.#sinkBySsrc.get(packet.mediaSsrc)?.requestKeyFrame(nowMs);
          break;
        case 'fir':
          for (const { ssrc } of packet.entries) this.#sinkBySsrc.get(ssrc)?.requestKeyFrame(nowMs);
          break;
        case 'transport-feedback':
          this.#outlet.transportCc.feedback(packet);
          break;
        case 'remb':
        case 'bye':
          break;
      }
    }
  }

  #takeBlocks(blocks: readonly ReportBlock[], nowMs: number): void {
    for (const block of blocks) this.#sinkBySsrc.get(block.ssrc)?.receiverReport(block, nowMs);
  }

  /** ICE notices a dead path after half a minute; media that ought to come tells it sooner. */
  #watchSilence(nowMs: number): void {
    const received = this.#transport.packetsReceived;
    const expected =
      this.#sources.some((source) => source.flowing) ||
      // A receiver's silence means something only when it has been heard before: not every one sends reports.
      (received > 0 && this.#sinks.some((sink) => nowMs - sink.lastSentMs < sendingMs));
    if (received !== this.#receivedBefore || !expected) {
      this.#receivedBefore = received;
      this.#receivedMs = nowMs;
    } else if (nowMs - this.#receivedMs > this.#options.rim.silenceMs) {
      this.#fail('No media was received');
    }
  }
}
