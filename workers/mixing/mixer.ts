// Owns one video or audio mixer on the main thread: its taps, its outputs, and the pipeline between them, which is begun
// again in another thread when it dies.
import type { Unsubscribe } from '../../schemas/bus.ts';
import type { MixerStats } from '../../schemas/worker.ts';
import type { Router } from '../routing/router.ts';
import { placeOf } from './layer-choice.ts';
import type { PipelineEvent, PipelineSettings } from './messages.ts';
import { MixerEngine } from './mixer-engine.ts';
import type { MixingRim, Report, TakeTapped } from './mixing-rim.ts';
import { Outputs } from './outputs.ts';
import type { Age } from './pipeline.ts';
import { RebuildJudge } from './rebuild-judge.ts';
import { Tap, type TapOut } from './tap.ts';
import type { Seat } from './thread-pool.ts';

export interface MixerOptions {
  readonly settings: PipelineSettings;
  readonly router: Router;
  readonly rim: MixingRim;
  readonly report: Report;
  readonly tapped: TakeTapped;
}

export class Mixer {
  readonly id: string;
  readonly kind: PipelineSettings['kind'];
  /** What was last told of how old the streams in the mix are. */
  ages: readonly Age[] = [];
  readonly outputs: Outputs;
  readonly #options: MixerOptions;
  readonly #taps = new Map<string, Tap>();
  readonly #lines = new Map<number, Tap>();
  readonly #judge = new RebuildJudge();
  readonly #engine: MixerEngine;
  #settings: PipelineSettings;
  #seat: Seat | undefined;
  #cancelRebuild: Unsubscribe | undefined;
  #rebuilds = 0;
  #nextLine = 1;
  #stats: MixerStats | undefined;
  #wasLagging = false;
  #closed = false;

  constructor(options: MixerOptions) {
    const { settings, router, rim } = options;
    this.id = settings.id;
    this.kind = settings.kind;
    this.#options = options;
    this.#settings = settings;
    this.#engine = new MixerEngine(rim.engines);
    this.outputs = new Outputs({
      kind: settings.kind,
      router,
      rim,
      keyFrame: (output) => {
        this.#post((pipeline) => ({ type: 'key-frame', pipeline, output }));
      },
    });
    this.#sit();
    this.update(settings);
  }

  /** Follows the document; the same again changes nothing. */
  update(settings: PipelineSettings): void {
    const { rim } = this.#options;
    const nowMs = rim.clock.now();
    const changed = JSON.stringify(settings) !== JSON.stringify(this.#settings);
    this.#settings = settings;
    if (changed) {
      this.#post((pipeline) => ({ type: 'configure', pipeline, settings }));
      if (this.#judge.gaveUp) {
        this.#judge.forgive();
        this.#rebuild();
      } else if (settings.kind === 'video' && this.#engine.isPoorFor(settings, nowMs)) this.#moveElsewhere();
    }
    this.outputs.update(settings.outputs, nowMs);
    this.#updateTaps(nowMs);
  }

  /** To be called every 50 ms or so. */
  tick(nowMs: number): void {
    for (const tap of this.#taps.values()) tap.tick(nowMs);
    this.outputs.tick(nowMs);
    const lagging = this.#seat?.thread.lagging === true;
    if (lagging && !this.#wasLagging && this.kind === 'video') {
      this.#options.rim.log.warn('a mixing thread lags behind, video is left out', { mixer: this.id });
    }
    this.#wasLagging = lagging;
  }

  /** What the pipeline told within the last second or so; undefined before that. */
  stats(): MixerStats | undefined {
    const stats = this.#stats;
    if (stats?.kind !== 'video') return stats && { ...stats, rebuilds: this.#rebuilds };
    const inputs = stats.inputs.map((input) => {
      const track = this.#taps.get(input.id)?.track;
      return track === undefined ? input : { ...input, track };
    });
    return { ...stats, rebuilds: this.#rebuilds, ...this.#engine.stats, inputs };
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#cancelRebuild?.();
    for (const tap of this.#taps.values()) tap.close();
    this.#taps.clear();
    this.#lines.clear();
    this.#seat?.leave();
    this.#seat = undefined;
    this.outputs.close();
  }

  #updateTaps(nowMs: number): void {
    const settings = this.#settings;
    const { router } = this.#options;
    const wanted = new Set(settings.inputs.map(({ id }) => id));
    for (const [id, tap] of this.#taps) {
      if (wanted.has(id)) continue;
      this.#taps.delete(id);
      tap.close();
    }
    const tapOf = (input: string): Tap => {
      let tap = this.#taps.get(input);
      if (!tap) {
        tap = new Tap({ input, kind: this.kind, router, out: this.#tapOut });
        this.#taps.set(input, tap);
      }
      return tap;
    };
    if (settings.kind === 'video') {
      for (const input of settings.inputs)
        tapOf(input.id).update(input.layers, placeOf(input, settings), nowMs);
    } else {
      for (const { id, track, format } of settings.inputs)
        tapOf(id).update([{ track, format }], undefined, nowMs);
    }
  }

  readonly #tapOut: TapOut = {
    lagging: () => this.#seat === undefined || this.#seat.thread.lagging,
    begin: (tap, begun) => {
      const line = this.#nextLine++;
      this.#lines.set(line, tap);
      this.#post((pipeline) => ({ type: 'begin', pipeline, line: { ...begun, line, input: tap.input } }));
      return line;
    },
    end: (line) => {
      this.#lines.delete(line);
      this.#post((pipeline) => ({ type: 'end', pipeline, line }));
    },
    packet: (line, bytes, arrivedMs) => {
      const seat = this.#seat;
      return seat?.thread.packet({ pipeline: seat.pipeline, line, bytes, arrivedMs }) === true;
    },
    report: (report) => {
      this.#post((pipeline) => ({ type: 'report', pipeline, report }));
    },
    roundTrip: (line, rttMs) => {
      this.#post((pipeline) => ({ type: 'round-trip', pipeline, line, rttMs }));
    },
  };

  #post(command: (pipeline: number) => Parameters<Seat['thread']['post']>[0]): void {
    const seat = this.#seat;
    if (seat) seat.thread.post(command(seat.pipeline));
  }

  #sit(): void {
    const { rim } = this.#options;
    const seat = rim.pool.seat(this.#settings, this.#engine.next(this.#settings, rim.clock.now()), {
      event: (event) => {
        this.#take(event);
      },
      lost: (reason) => {
        this.#engine.lost(reason, rim.clock.now());
        this.#lose(reason);
      },
    });
    this.#seat = seat;
    if (!seat) this.#fail('No mixing thread is free');
  }

  #take(event: PipelineEvent): void {
    switch (event.type) {
      case 'frame':
        this.outputs.take(event.frame);
        break;
      case 'request-key-frame':
        this.#lines.get(event.line)?.requestKeyFrame(event.line, this.#options.rim.clock.now());
        break;
      case 'ages':
        this.ages = event.ages;
        break;
      case 'speaker':
        this.#options.report([{ type: 'speaker', mixer: this.id, stream: event.stream }]);
        break;
      case 'tapped': {
        const { tap } = event.picture;
        this.#post((pipeline) => ({ type: 'tap-taken', pipeline, tap }));
        this.#options.tapped(this.id, event.picture);
        break;
      }
      case 'stats':
        this.#stats = event.stats;
        this.#engine.told(event.stats, this.#options.rim.clock.now());
        break;
      case 'failed':
        this.#seat?.leave();
        if (event.ofEngine) this.#engine.failed(event.reason, this.#options.rim.clock.now());
        this.#lose(event.reason);
        break;
    }
  }

  #moveElsewhere(): void {
    if (this.#seat === undefined) return;
    this.#seat.leave();
    this.#seat = undefined;
    this.#lines.clear();
    for (const tap of this.#taps.values()) tap.halt();
    this.#rebuild();
  }

  /** The pipeline is gone: another one goes on, at once or a little later. */
  #lose(reason: string): void {
    if (this.#closed) return;
    const { rim } = this.#options;
    const { clock, log } = rim;
    this.#seat = undefined;
    this.#lines.clear();
    for (const tap of this.#taps.values()) tap.halt();
    const waitMs = this.#judge.lost(clock.now());
    log.warn('a mixing pipeline was lost', { mixer: this.id, reason, waitMs: waitMs ?? 'for ever' });
    if (waitMs === undefined) {
      this.#fail(reason);
      return;
    }
    this.#cancelRebuild = clock.after(waitMs, () => {
      this.#rebuild();
    });
  }

  #rebuild(): void {
    this.#cancelRebuild = undefined;
    this.#rebuilds++;
    this.#sit();
    if (!this.#seat) return;
    this.outputs.renew();
    const nowMs = this.#options.rim.clock.now();
    for (const tap of this.#taps.values()) tap.restart(nowMs, this.#judge.trusting);
  }

  #fail(reason: string): void {
    this.#judge.giveUp();
    this.#options.report([{ type: 'mixer-failed', mixer: this.id, reason: reason.slice(0, 500) }]);
  }
}
