// Owns one video or audio mixer on the main thread: its taps, its outputs, and the pipeline between them, which is begun
// again in another thread when it dies.
import type { Unsubscribe } from '../../schemas/bus.ts';
import type { MixerStats } from '../../schemas/worker.ts';
import type { EngineFault } from '../engine/engine-failure.ts';
import type { Router } from '../routing/router.ts';
import { placeOf } from './layer-choice.ts';
import type { PipelineEvent, PipelineSettings } from './messages.ts';
import { MixerEngine } from './mixer-engine.ts';
import type { MixingRim, Report, TakeTapped } from './mixing-rim.ts';
import { Outputs } from './outputs.ts';
import type { Age } from './pipeline.ts';
import { Quarantine } from './quarantine.ts';
import { RebuildJudge } from './rebuild-judge.ts';
import { Returning } from './returning.ts';
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
  readonly #quarantine = new Quarantine();
  readonly #returning: Returning;
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
    this.#returning = new Returning(rim.engines);
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
    this.#quarantine.keep(settings.inputs.map(({ id }) => id));
    if (changed) {
      this.#returning.disturbed(nowMs);
      this.#configure();
      if (this.#judge.gaveUp) {
        this.#judge.forgive();
        this.#rebuild();
      } else if (settings.kind === 'video' && this.#engine.isPoorFor(settings, nowMs)) this.#moveElsewhere();
    }
    this.outputs.update(settings.outputs, nowMs);
    this.#updateTaps(nowMs);
  }

  /** Its pictures are made elsewhere from now on if its device is used no more. */
  leaveDevice(): void {
    if (this.#engine.isHomeless) this.#moveElsewhere();
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
    if (this.#quarantine.release(nowMs)) this.#configure();
    this.#considerReturn(nowMs);
  }

  /** What the pipeline told within the last second or so; undefined before that. */
  stats(): MixerStats | undefined {
    const stats = this.#stats;
    if (stats?.kind !== 'video') return stats && { ...stats, rebuilds: this.#rebuilds };
    const inputs = stats.inputs.map((input) => {
      const track = this.#taps.get(input.id)?.track;
      const isolated = this.#quarantine.reasonFor(input.id);
      return {
        ...input,
        ...(track === undefined ? {} : { track }),
        ...(isolated === undefined ? {} : { isolated }),
      };
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
    this.#engine.rest();
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
    const settings = this.#decodable();
    const engine = this.#engine.next(settings, rim.clock.now());
    if (engine === 'none') {
      this.#fail('No engine that the room allows is to be had here');
      return;
    }
    const seat = rim.pool.seat(settings, engine, {
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
        if (event.engine) this.#blame(event.reason, event.engine);
        this.#lose(event.reason, event.engine?.input);
        break;
    }
  }

  #blame(reason: string, fault: EngineFault): void {
    const { clock, log } = this.#options.rim;
    const nowMs = clock.now();
    this.#engine.failed(reason, fault, nowMs);
    const { input } = fault;
    if (input === undefined || !this.#quarantine.blame(input, reason.slice(0, 500), nowMs)) return;
    log.warn('an input is not decoded any more: its stream breaks engines', {
      mixer: this.id,
      input,
      reason,
    });
    // That is what the losses were of.
    this.#judge.forgive();
  }

  /** What the document wants, but for streams that would break the engine again: those are shown as muted ones are. */
  #decodable(): PipelineSettings {
    const settings = this.#settings;
    if (settings.kind !== 'video') return settings;
    const inputs = settings.inputs.map((input) =>
      this.#quarantine.reasonFor(input.id) === undefined ? input : { ...input, active: false },
    );
    return { ...settings, inputs };
  }

  #configure(): void {
    const settings = this.#decodable();
    this.#post((pipeline) => ({ type: 'configure', pipeline, settings }));
  }

  /** Back to a better engine, at a moment when nothing is lost by it. */
  #considerReturn(nowMs: number): void {
    const settings = this.#settings;
    if (settings.kind !== 'video' || this.#seat === undefined || this.#seat.thread.lagging) return;
    const taps = [...this.#taps.values()];
    const step = this.#returning.step(nowMs, {
      isWished: () => this.#engine.mayReturn(settings, nowMs),
      isReady: () => taps.every((tap) => tap.isFresh(nowMs)),
    });
    if (step === 'prepare') for (const tap of taps) tap.freshen(nowMs);
    if (step !== 'go') return;
    this.#options.rim.log.info('a mixer returns to a better engine', { mixer: this.id });
    this.#moveElsewhere();
  }

  #moveElsewhere(): void {
    if (this.#seat === undefined) return;
    this.#seat.leave();
    this.#seat = undefined;
    this.#lines.clear();
    for (const tap of this.#taps.values()) tap.halt();
    this.#rebuild();
  }

  /** The pipeline is gone: another one goes on, at once or a little later. `culprit`: the input that broke it. */
  #lose(reason: string, culprit?: string): void {
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
    this.#returning.disturbed(clock.now());
    this.#cancelRebuild = clock.after(waitMs, () => {
      this.#rebuilds++;
      this.#rebuild(culprit);
    });
  }

  /** `culprit`: the input whose stream is not to be given again. */
  #rebuild(culprit?: string): void {
    this.#cancelRebuild = undefined;
    this.#sit();
    if (!this.#seat) return;
    this.outputs.renew();
    const nowMs = this.#options.rim.clock.now();
    for (const [input, tap] of this.#taps) tap.restart(nowMs, this.#judge.trusting && input !== culprit);
  }

  #fail(reason: string): void {
    this.#judge.giveUp();
    this.#engine.rest();
    this.#options.report([{ type: 'mixer-failed', mixer: this.id, reason: reason.slice(0, 500) }]);
  }
}
