// Owns one publication on a peer: its sources, one for each track and simulcast layer, and what is reported of them.
import type { DesiredPublication, ReportedTrack } from '../../schemas/worker.ts';
import { formatOf } from './codecs.ts';
import type { PublishedTrack } from './negotiation.ts';
import type { Router } from '../routing/router.ts';
import { Source, type SourceFeedback } from '../routing/source.ts';
import type { IncomingTrack, SsrcTable } from './ssrc-table.ts';

export interface PublicationOptions {
  readonly transport: string;
  readonly router: Router;
  readonly feedback: SourceFeedback;
  readonly nowMs: () => number;
}

interface Received {
  readonly published: PublishedTrack;
  readonly incoming: IncomingTrack;
}

export class Publication {
  readonly id: string;
  /** `failed` and `ready` were reported; a failed one is left out of further negotiation. */
  state: 'waiting' | 'negotiated' | 'ready' | 'failed' = 'waiting';
  /** Whether what would be reported now differs from what was. */
  changed = false;
  readonly #options: PublicationOptions;
  #desired: DesiredPublication;
  #received: readonly Received[] = [];

  constructor(desired: DesiredPublication, options: PublicationOptions) {
    this.id = desired.id;
    this.#desired = desired;
    this.#options = options;
  }

  get desired(): DesiredPublication {
    return this.#desired;
  }

  get incoming(): readonly IncomingTrack[] {
    return this.#received.map(({ incoming }) => incoming);
  }

  get sources(): readonly Source[] {
    return this.#received.flatMap(({ incoming }) => incoming.sources);
  }

  update(desired: DesiredPublication): void {
    this.#desired = desired;
    this.#applyPauses();
  }

  /** Takes the outcome of a negotiation. Tracks that stay as they were keep their sources. */
  negotiated(tracks: readonly PublishedTrack[]): void {
    const before = new Map(this.#received.map((one) => [one.published.mid, one]));
    const received = tracks.map((published) => {
      const known = before.get(published.mid);
      if (known && isSame(known.published, published)) {
        before.delete(published.mid);
        return { published, incoming: known.incoming };
      }
      return { published, incoming: this.#receive(published) };
    });
    for (const { incoming } of before.values()) this.#release(incoming);
    if (this.state === 'ready' && before.size > 0) this.changed = true;
    this.#received = received;
    this.#applyPauses();
    const nowMs = this.#options.nowMs();
    for (const source of this.sources) this.#options.router.publish(source, nowMs);
    if (this.state === 'waiting') this.state = 'negotiated';
  }

  /** Ties the SSRCs that the SDP tells to the sources. */
  bind(table: SsrcTable): void {
    for (const { published, incoming } of this.#received) {
      published.layers.forEach((layer, index) => {
        const source = incoming.sources[index];
        if (!source) return;
        if (layer.ssrc !== undefined) table.bind(layer.ssrc, source, false);
        if (layer.rtxSsrc !== undefined) table.bind(layer.rtxSsrc, source, true);
      });
    }
  }

  /** The tracks for a report; all offered layers, whether the client sends them or not. */
  reported(): ReportedTrack[] {
    return this.#received.flatMap(({ published, incoming }) => {
      const format = formatOf(published.payload);
      if (!format) return [];
      return incoming.sources.map((source) => ({
        id: source.track,
        kind: published.kind,
        mid: published.mid,
        ...(source.rid === undefined ? {} : { rid: source.rid }),
        format,
        ...(source.resolution ? { resolution: source.resolution } : {}),
      }));
    });
  }

  close(): void {
    for (const { incoming } of this.#received) this.#release(incoming);
    this.#received = [];
  }

  #receive(published: PublishedTrack): IncomingTrack {
    const { transport, feedback } = this.#options;
    return {
      mid: published.mid,
      payloadType: published.payload.type,
      redType: published.red?.type,
      rtxType: published.rtx?.type,
      sources: published.layers.map(
        ({ rid }) =>
          new Source({
            track: `${transport}-${published.mid}${rid === undefined ? '' : `:${rid}`}`,
            kind: published.kind,
            rid,
            payload: published.payload,
            redType: published.red?.type,
            feedback,
            resized: () => {
              this.changed = true;
            },
          }),
      ),
    };
  }

  #release(incoming: IncomingTrack): void {
    for (const source of incoming.sources) this.#options.router.unpublish(source);
  }

  #applyPauses(): void {
    for (const { mid, paused } of this.#desired.tracks) {
      const found = this.#received.find(({ published }) => published.mid === mid);
      for (const source of found?.incoming.sources ?? []) source.setPaused(paused);
    }
  }
}

function isSame(before: PublishedTrack, after: PublishedTrack): boolean {
  const key = (track: PublishedTrack): string =>
    JSON.stringify([
      track.payload.type,
      track.payload.map,
      track.payload.fmtp,
      track.rtx?.type,
      track.red?.type,
      track.layers.map(({ rid }) => rid ?? null),
    ]);
  return key(before) === key(after);
}
