// Owns one subscription on a peer: its sinks, which track each of them wants from the room's router, and the formats that
// its negotiation settled on.
import type { DesiredSubscription, Format, ReportItem } from '../../schemas/worker.ts';
import { accepts, formatOf } from './codecs.ts';
import type { MediaRim } from './media-rim.ts';
import type { OutgoingSubscription, SubscribedTrack } from './negotiation.ts';
import type { Router } from '../routing/router.ts';
import { Sink, type Outlet } from './sink.ts';

interface Sent {
  readonly sink: Sink;
  /** Track id it is subscribed to in the router; empty while none is wanted. */
  from: string;
  /** What the last answer settled on. */
  format: Format | undefined;
}

type Settled = Extract<ReportItem, { type: 'subscription-negotiated' }>['tracks'];

/** So long a track may be unfit while one that fits is being made. */
const makingMs = 10_000;

export interface SubscriptionOptions {
  readonly router: Router;
  readonly outlet: Outlet;
  readonly rim: Pick<MediaRim, 'nowMs' | 'random32'>;
}

export class Subscription {
  readonly id: string;
  /** `failed` and `ready` were reported; a failed one is left out of further negotiation. */
  state: 'waiting' | 'negotiated' | 'ready' | 'failed' = 'waiting';
  readonly #options: SubscriptionOptions;
  #desired: DesiredSubscription;
  readonly #sent = new Map<string, Sent>();
  /** Since when a sink has not fitted what it carries; undefined while all fit. */
  #unfitMs: number | undefined;
  #reported = '[]';

  constructor(desired: DesiredSubscription, options: SubscriptionOptions) {
    this.id = desired.id;
    this.#options = options;
    this.#desired = desired;
    this.update(desired);
  }

  get sinks(): readonly Sink[] {
    return [...this.#sent.values()].map(({ sink }) => sink);
  }

  /** Follows changed sources and pauses, and added or removed tracks. */
  update(desired: DesiredSubscription): void {
    const { router, rim } = this.#options;
    const nowMs = rim.nowMs();
    this.#desired = desired;
    if (this.state === 'failed') return;
    const mids = new Set(desired.tracks.map(({ mid }) => mid));
    for (const mid of [...this.#sent.keys()]) if (!mids.has(mid)) this.#drop(mid);
    for (const track of desired.tracks) {
      let sent = this.#sent.get(track.mid);
      if (sent?.sink.kind !== track.kind) {
        this.#drop(track.mid);
        sent = { sink: this.#newSink(track), from: '', format: undefined };
        this.#sent.set(track.mid, sent);
      }
      sent.sink.setPaused(track.paused, nowMs);
      const from = track.from ?? '';
      if (sent.from === from) continue;
      router.unsubscribe(sent.from, sent.sink);
      sent.from = from;
      if (from !== '') router.subscribe(from, sent.sink, nowMs);
    }
  }

  /** The view negotiation takes of it. */
  outgoing(): OutgoingSubscription {
    return {
      id: this.id,
      tracks: this.#desired.tracks.flatMap(({ mid, kind, formats, preference, from }) => {
        const sink = this.#sent.get(mid)?.sink;
        if (!sink) return [];
        const source = from === undefined ? undefined : this.#options.router.source(from)?.payload;
        return [{ mid, kind, formats, preference, ssrc: sink.ssrc, rtxSsrc: sink.rtxSsrc, source }];
      }),
    };
  }

  negotiated(tracks: readonly SubscribedTrack[]): void {
    for (const track of tracks) {
      const sent = this.#sent.get(track.mid);
      if (!sent) continue;
      sent.sink.negotiated(track);
      const [first] = track.payloads;
      sent.format = first && formatOf(first);
    }
    if (this.state === 'waiting') this.state = 'negotiated';
  }

  /** The formats that were settled on, by mid; empty when they are what this gave the last time. */
  takeSettled(): Settled {
    const settled = [...this.#sent].flatMap(([mid, { format }]) => (format ? [{ mid, format }] : []));
    const text = JSON.stringify(settled);
    if (text === this.#reported) return [];
    this.#reported = text;
    return settled;
  }

  /**
   * A sink that cannot send what it carries, and for which nothing better is to be expected: of a format that is still
   * wanted something is on the way.
   */
  hopeless(nowMs: number): Sink | undefined {
    const unfit = [...this.#sent.values()].filter(({ sink }) => !sink.fits);
    if (unfit.length === 0) {
      this.#unfitMs = undefined;
      return undefined;
    }
    this.#unfitMs ??= nowMs;
    const late = nowMs - this.#unfitMs >= makingMs;
    return unfit.find((sent) => late || !this.#isWanted(sent))?.sink;
  }

  /** The track a sink carries or waits for. */
  trackOf(sink: Sink): string {
    return this.#sent.get(sink.mid)?.from ?? '';
  }

  close(): void {
    for (const mid of [...this.#sent.keys()]) this.#drop(mid);
  }

  #isWanted({ sink, format }: Sent): boolean {
    const formats = this.#desired.tracks.find(({ mid }) => mid === sink.mid)?.formats ?? [];
    return format !== undefined && formats.some((wanted) => accepts(wanted, format));
  }

  #drop(mid: string): void {
    const sent = this.#sent.get(mid);
    if (!sent) return;
    this.#sent.delete(mid);
    this.#options.router.unsubscribe(sent.from, sent.sink);
    sent.sink.close();
  }

  #newSink({ mid, kind }: DesiredSubscription['tracks'][number]): Sink {
    const { rim, outlet } = this.#options;
    return new Sink({
      mid,
      kind,
      ssrc: rim.random32(),
      rtxSsrc: rim.random32(),
      cname: this.id,
      // RFC 3550 §5.1 wants them random; in the lower half, so that no early wrap troubles SRTP (RFC 3711 §3.3.1).
      firstSequence: rim.random32() & 0x7fff,
      firstTimestamp: rim.random32(),
      outlet,
    });
  }
}
