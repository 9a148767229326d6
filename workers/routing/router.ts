// Owns who hears whom in one room: tracks by id, each with the source that carries it, once there is one, and the sinks
// that want it, in whatever order they come and go.
import type { Source } from './source.ts';

/** What wants a track, whoever carries it. */
export interface TrackSink {
  /** Carries `source` from now on, or from its next key frame on. */
  select(source: Source, nowMs: number): void;
}

interface Junction {
  source: Source | undefined;
  readonly sinks: Set<TrackSink>;
}

export class Router {
  readonly #junctions = new Map<string, Junction>();

  source(track: string): Source | undefined {
    return this.#junctions.get(track)?.source;
  }

  /** `source` carries its track from now on; sinks that wait for the track take it. */
  publish(source: Source, nowMs: number): void {
    const junction = this.#junction(source.track);
    junction.source = source;
    for (const sink of junction.sinks) sink.select(source, nowMs);
  }

  /** The sinks stay and wait for a new source of the track. */
  unpublish(source: Source): void {
    const junction = this.#junctions.get(source.track);
    if (junction?.source !== source) return;
    junction.source = undefined;
    source.close();
    this.#clean(source.track, junction);
  }

  subscribe(track: string, sink: TrackSink, nowMs: number): void {
    const junction = this.#junction(track);
    junction.sinks.add(sink);
    if (junction.source) sink.select(junction.source, nowMs);
  }

  /** The sink goes on with what it carries until it is given something else or closed. */
  unsubscribe(track: string, sink: TrackSink): void {
    const junction = this.#junctions.get(track);
    if (!junction) return;
    junction.sinks.delete(sink);
    this.#clean(track, junction);
  }

  #junction(track: string): Junction {
    let junction = this.#junctions.get(track);
    if (!junction) {
      junction = { source: undefined, sinks: new Set() };
      this.#junctions.set(track, junction);
    }
    return junction;
  }

  #clean(track: string, junction: Junction): void {
    if (!junction.source && junction.sinks.size === 0) this.#junctions.delete(track);
  }
}
