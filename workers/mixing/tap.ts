// Owns one input of a mixer: which of its tracks is taken from the room's router, and the runs of packets that go to the
// pipeline as lines. A line is one stream without a break: of video from a key frame on.
import type { Kind } from '../../schemas/media.ts';
import type { Format } from '../../schemas/worker.ts';
import type { PacketHistory, StoredPacket } from '../rtp/history.ts';
import type { HeardReport } from '../rtp/sr-relay.ts';
import type { Router, TrackSink } from '../routing/router.ts';
import type { PacketSink, Source } from '../routing/source.ts';
import { chooseLayer, type LayerState, type Place } from './layer-choice.ts';
import type { Line, LineReport } from './pipeline.ts';

/** The way to the pipeline. */
export interface TapOut {
  /** The thread cannot take all there is: what may be left out should be. */
  lagging(): boolean;
  /** Begins a line and gives its number. */
  begin(tap: Tap, line: Omit<Line, 'line' | 'input'>): number;
  end(line: number): void;
  packet(line: number, bytes: Uint8Array, arrivedMs: number): boolean;
  report(report: LineReport): void;
  roundTrip(line: number, rttMs: number): void;
}

export interface TapTrack {
  readonly track: string;
  readonly format: Format;
  readonly resolution?: { readonly width: number; readonly height: number } | undefined;
}

export interface TapOptions {
  readonly input: string;
  readonly kind: Kind;
  readonly router: Router;
  readonly out: TapOut;
}

/** One of an input's tracks, with what waits for it in the router. */
interface Track {
  wanted: TapTrack;
  readonly sink: TrackSink;
}

interface Run {
  readonly source: Source;
  readonly history: PacketHistory;
  readonly line: number;
  /** Extended number of its first packet. */
  readonly first: number;
  heard: HeardReport | undefined;
  rttMs: number | undefined;
}

/** Without a packet for this long, a layer is passed over for one that has them. */
const silentMs = 1500;
/** A layer that is good enough is kept this long. */
const keptMs = 2000;
/** A key frame that is not older than this, and all since, is decoded in one go rather than asking for another. */
const replayMs = 1500;
const maxReplayed = 300;

export class Tap implements PacketSink {
  readonly input: string;
  readonly #kind: Kind;
  readonly #router: Router;
  readonly #out: TapOut;
  #tracks: readonly Track[] = [];
  #place: Place | undefined;
  #wanted: Source | undefined;
  #wantedMs = -Infinity;
  #run: Run | undefined;
  #replays = true;
  #halted = false;

  constructor({ input, kind, router, out }: TapOptions) {
    this.input = input;
    this.#kind = kind;
    this.#router = router;
    this.#out = out;
  }

  /** The track whose packets it passes on. */
  get track(): string | undefined {
    return this.#run?.source.track;
  }

  /** Follows the tracks to choose from, and what the picture is to fill. */
  update(tracks: readonly TapTrack[], place: Place | undefined, nowMs: number): void {
    this.#place = place;
    const before = new Map(this.#tracks.map((track) => [track.wanted.track, track]));
    const added: Track[] = [];
    this.#tracks = tracks.map((wanted) => {
      const known = before.get(wanted.track);
      before.delete(wanted.track);
      if (known) return { wanted, sink: known.sink };
      const sink = {
        select: (_: Source, at: number) => {
          this.#choose(at);
        },
      };
      added.push({ wanted, sink });
      return { wanted, sink };
    });
    for (const { wanted, sink } of before.values()) this.#router.unsubscribe(wanted.track, sink);
    this.#wantedMs = -Infinity;
    for (const { wanted, sink } of added) this.#router.subscribe(wanted.track, sink, nowMs);
    this.#choose(nowMs);
  }

  /** To be called every 50 ms or so. */
  tick(nowMs: number): void {
    this.#choose(nowMs);
    const run = this.#run;
    if (!run) return;
    const { heard, rttMs } = run.source;
    if (heard && heard !== run.heard) {
      run.heard = heard;
      const { ntpHigh, ntpLow, rtpTimestamp } = heard.report;
      this.#out.report({ line: run.line, ntpHigh, ntpLow, rtpTimestamp, arrivedMs: heard.receivedMs });
    }
    if (rttMs !== undefined && rttMs !== run.rttMs) {
      run.rttMs = rttMs;
      this.#out.roundTrip(run.line, rttMs);
    }
  }

  /** The pipeline is gone, and its lines with it. */
  halt(): void {
    const run = this.#run;
    this.#run = undefined;
    if (run && run.source !== this.#wanted) run.source.remove(this);
    this.#halted = true;
  }

  /** There is another pipeline, which knows of no line. `replays`: it is given what came since the last key frame. */
  restart(nowMs: number, replays: boolean): void {
    this.halt();
    this.#halted = false;
    this.#replays = replays;
    this.#start(nowMs);
  }

  /** Asks for a key frame when what is kept since the last one is too old to begin with. */
  freshen(nowMs: number): void {
    if (!this.isFresh(nowMs)) this.#run?.source.requestKeyFrame(nowMs);
  }

  /** Whether another pipeline would have all that this one has at once. */
  isFresh(nowMs: number): boolean {
    const source = this.#run?.source;
    return source === undefined || source.paused || replayFrom(source.history, nowMs) >= 0;
  }

  requestKeyFrame(line: number, nowMs: number): void {
    if (this.#run?.line === line) this.#run.source.requestKeyFrame(nowMs);
  }

  awaits(source: Source): boolean {
    return (
      source === this.#wanted &&
      source !== this.#run?.source &&
      !this.#halted &&
      this.#kind === 'video' &&
      !this.#out.lagging()
    );
  }

  forward(source: Source, packet: StoredPacket): void {
    const run = this.#run;
    if (run?.source === source) {
      if (packet.extended < run.first) return;
      if ((this.#kind === 'video' && this.#out.lagging()) || !this.#pass(run, packet)) this.#stop();
      return;
    }
    if (this.#halted || source !== this.#wanted || !packet.keyFrame || packet.payload.length === 0) return;
    if (!this.#out.lagging() || this.#kind === 'audio') this.#begin(source, packet.extended);
  }

  refresh(source: Source): void {
    const run = this.#run;
    if (run?.source === source && (source.paused || source.history !== run.history)) this.#stop();
  }

  ended(source: Source): void {
    if (this.#run?.source === source) this.#stop();
    if (this.#wanted === source) this.#wanted = undefined;
  }

  close(): void {
    for (const { wanted, sink } of this.#tracks) this.#router.unsubscribe(wanted.track, sink);
    this.#tracks = [];
    this.#stop();
    this.#wanted?.remove(this);
    this.#wanted = undefined;
  }

  #choose(nowMs: number): void {
    const present: Source[] = [];
    const states: LayerState[] = [];
    for (const { wanted } of this.#tracks) {
      const source = this.#router.source(wanted.track);
      if (!source) continue;
      present.push(source);
      states.push({
        size: source.resolution ?? wanted.resolution,
        flowing: !source.paused && nowMs - source.lastPacketMs < silentMs,
      });
    }
    const index = chooseLayer(states, this.#place);
    const chosen = present[index];
    const current = present.findIndex((source) => source === this.#wanted);
    if (chosen === this.#wanted) return;
    const good = states[current]?.flowing === true || states[index]?.flowing === false;
    if (current >= 0 && good && nowMs - this.#wantedMs < keptMs) return;
    if (this.#wanted !== this.#run?.source) this.#wanted?.remove(this);
    this.#wanted = chosen;
    this.#wantedMs = nowMs;
    chosen?.add(this);
    if (chosen === undefined) this.#stop();
    else this.#start(nowMs);
  }

  /** Begins with what is kept of the wanted source when that is short, else has it send a key frame. */
  #start(nowMs: number): void {
    const source = this.#wanted;
    if (!source || this.#halted || source === this.#run?.source || this.#kind === 'audio') return;
    const first = this.#replays && !source.paused ? replayFrom(source.history, nowMs) : -1;
    if (first >= 0) this.#begin(source, first);
    else source.requestKeyFrame(nowMs);
  }

  #begin(source: Source, first: number): void {
    const format = this.#tracks.find(({ wanted }) => wanted.track === source.track)?.wanted.format;
    if (!format) return;
    const before = this.#run;
    const { payload, redType, audioLevelId, history } = source;
    const line = this.#out.begin(this, {
      format,
      payloadType: payload.type,
      clockRate: payload.clockRate,
      ...(redType === undefined ? {} : { redType }),
      ...(audioLevelId === undefined ? {} : { audioLevelId }),
    });
    const run: Run = { source, history, line, first, heard: undefined, rttMs: undefined };
    this.#run = run;
    this.#replays = true;
    if (before) {
      this.#out.end(before.line);
      if (before.source !== this.#wanted) before.source.remove(this);
    }
    for (let extended = first; extended <= history.highest; extended++) {
      const packet = history.find(extended);
      if (packet) this.#pass(run, packet);
    }
  }

  #pass({ line }: Run, { bytes, receivedMs }: StoredPacket): boolean {
    return this.#out.packet(line, bytes, receivedMs);
  }

  #stop(): void {
    const run = this.#run;
    if (!run) return;
    this.#run = undefined;
    this.#out.end(run.line);
    if (run.source !== this.#wanted) run.source.remove(this);
  }
}

/** Extended number of the first packet of the last key frame, if it is recent and all since is there; -1 otherwise. */
function replayFrom(history: PacketHistory, nowMs: number): number {
  const { highest } = history;
  let first = -1;
  for (let extended = highest; extended >= 0 && highest - extended < maxReplayed; extended--) {
    const packet = history.find(extended);
    if (!packet || nowMs - packet.receivedMs > replayMs) return first;
    // Parameter sets and picture may each begin a key frame: the first of them counts.
    const ofKeyFrame = first >= 0 && packet.timestamp === history.find(first)?.timestamp;
    if (first >= 0 && !ofKeyFrame) return first;
    if (packet.keyFrame && packet.payload.length > 0) first = extended;
  }
  return first;
}
