// Owns one track as it comes in over a link: the source that stands for it in the room's router, under the same name as
// where it is produced. It outlives the connection: what comes after a break is the same source under another SSRC.
import type { LinkedSource, LinkedTrackStats } from '../../schemas/link.ts';
import type { Router } from '../routing/router.ts';
import { Source, type SourceFeedback } from '../routing/source.ts';
import { isSameSource, linkExtensions, payloadOf } from './linked-source.ts';

export interface IncomingTrackOptions {
  readonly room: string;
  readonly track: string;
  readonly router: Router;
  readonly feedback: SourceFeedback;
}

export class IncomingTrack {
  readonly track: string;
  readonly #options: IncomingTrackOptions;
  #described: LinkedSource | undefined;
  #source: Source | undefined;

  constructor(options: IncomingTrackOptions) {
    this.track = options.track;
    this.#options = options;
  }

  get source(): Source | undefined {
    return this.#source;
  }

  /** Where its packets are looked for; undefined while the other end has no source. */
  get described(): LinkedSource | undefined {
    return this.#described;
  }

  /** Follows what the other end says of it; undefined: there is no such source any more. */
  follow(described: LinkedSource | undefined, nowMs: number): void {
    const before = this.#described;
    this.#described = described;
    if (described === undefined) {
      this.#end();
      return;
    }
    const known = this.#source;
    if (known && before && isSameSource(before, described)) {
      known.bind(described.ssrc);
      known.audioLevelId = levelId(described);
      return;
    }
    const source = this.#begin(described);
    this.#source = source;
    this.#options.router.publish(source, nowMs);
    known?.close();
  }

  counters(): LinkedTrackStats {
    const counters = this.#source?.counters();
    return {
      room: this.#options.room,
      track: this.track,
      packets: counters?.packets ?? 0,
      bytes: counters?.bytes ?? 0,
      packetsLost: Math.max(0, counters?.packetsLost ?? 0),
      retransmissions: counters?.retransmissions ?? 0,
      nacks: counters?.nacks ?? 0,
      plis: counters?.plis ?? 0,
    };
  }

  close(): void {
    this.#described = undefined;
    this.#end();
  }

  #begin(described: LinkedSource): Source {
    const source = new Source({
      track: this.track,
      kind: described.kind,
      rid: described.rid,
      payload: payloadOf(described),
      redType: described.redType,
      feedback: this.#options.feedback,
      resized: () => undefined,
      // Between hosts a repair comes in time for what receivers hold back.
      repairsAudio: true,
    });
    source.audioLevelId = levelId(described);
    source.bind(described.ssrc);
    return source;
  }

  #end(): void {
    const source = this.#source;
    this.#source = undefined;
    if (!source) return;
    this.#options.router.unpublish(source);
    // Where another source has taken its place in the router already.
    source.close();
  }
}

function levelId({ audioLevel }: LinkedSource): number | undefined {
  return audioLevel ? linkExtensions.audioLevel : undefined;
}
