// Owns mixing threads for tests that run in the test's own thread on its clock, with pipelines that write down what they
// are told and give what the test wants.
import type { MixerStats } from '../../schemas/worker.ts';
import type { EngineChoice } from '../engine/engine-choice.ts';
import type { ManualClock } from '../agent/testing/manual-clock.ts';
import type { Batch, PipelineSettings, Turn } from './messages.ts';
import type { Line, LineReport, Pipeline, PipelineOut } from './pipeline.ts';
import { ThreadHost } from './thread-host.ts';
import type { MixThreadEvents, StartThread } from './worker-thread.ts';

export class ScriptedPipeline<Settings extends PipelineSettings> implements Pipeline<Settings> {
  readonly out: PipelineOut;
  readonly configured: Settings[] = [];
  readonly lines = new Map<number, Line>();
  readonly packets: { readonly line: number; readonly packet: Uint8Array }[] = [];
  readonly reports: LineReport[] = [];
  readonly roundTrips: number[] = [];
  readonly keyFrames: string[] = [];
  readonly ended: number[] = [];
  readonly taken: string[] = [];
  ticks = 0;
  isBehind = false;
  /** Named in the statistics. */
  statsInputs: readonly string[] = [];
  closed = 0;
  /** Thrown out of the next packet's `receive`. */
  breaksWith: Error | undefined;

  constructor(out: PipelineOut) {
    this.out = out;
  }

  configure(settings: Settings): void {
    this.configured.push(settings);
  }

  begin(line: Line): void {
    this.lines.set(line.line, line);
  }

  end(line: number): void {
    this.lines.delete(line);
    this.ended.push(line);
  }

  receive(line: number, packet: Uint8Array): void {
    if (this.breaksWith) throw this.breaksWith;
    this.packets.push({ line, packet });
  }

  report(report: LineReport): void {
    this.reports.push(report);
  }

  roundTrip(_: number, rttMs: number): void {
    this.roundTrips.push(rttMs);
  }

  requestKeyFrame(output: string): void {
    this.keyFrames.push(output);
  }

  tick(nowMs: number): number {
    this.ticks++;
    return nowMs + 20;
  }

  stats(): MixerStats {
    const none = { p50: 0, p99: 0 };
    const id = this.configured.at(-1)?.id ?? '';
    if (this.configured.at(-1)?.kind === 'video') {
      const framerate = { wanted: 30, made: 30, limit: 30 };
      const times = { decodeMs: none, composeMs: none, encodeMs: none, addedMs: none };
      return {
        kind: 'video',
        id,
        engine: '',
        rebuilds: 0,
        fallbacks: 0,
        framerate,
        ...times,
        inputs: this.statsInputs.map((each) => ({
          ...{ id: each, width: 0, height: 0, decoded: 0, broken: 0, keyFrameRequests: 0 },
        })),
        outputs: [],
      };
    }
    return { kind: 'audio', id, rebuilds: 0, mixMs: none, addedMs: none, missed: 0, inputs: [], outputs: [] };
  }

  tapTaken(tap: string): void {
    this.taken.push(tap);
  }

  close(): void {
    this.closed++;
  }

  /** Gives one frame of so many packets. */
  frame(
    output: string,
    atMs: number,
    options: { readonly packets?: number; readonly key?: boolean } = {},
  ): void {
    const { packets = 1, key = false } = options;
    const payloads = Array.from({ length: packets }, (_, index) => Uint8Array.of(key ? 0 : 1, index));
    this.out.frame({ output, payloads, atMs, timestamp: Math.round(atMs * 90) >>> 0, marker: true, key });
  }
}

export class ScriptedThread {
  readonly host: ThreadHost;
  readonly batches: Batch[] = [];
  terminated = false;
  /** Takes nothing and tells nothing any more. */
  stuck = false;
  /** How long it had no core. */
  waitedMs = 0;
  readonly #events: MixThreadEvents;
  readonly #waiting: Batch[] = [];

  constructor(threads: ScriptedThreads, events: MixThreadEvents) {
    const { clock } = threads;
    this.#events = events;
    this.host = new ThreadHost({
      nowMs: () => clock.now(),
      after: (ms, callback) => clock.after(ms, callback),
      send: (turn) => {
        if (!this.stuck && !this.terminated) queueMicrotask(() => this.#tell(turn));
      },
      openVideo: (out, engine) => threads.open(out, engine),
      openAudio: (out) => threads.open(out),
      wedge: () => {
        this.stuck = true;
      },
    });
  }

  take(batch: Batch): void {
    this.batches.push(batch);
    this.#waiting.push(batch);
    queueMicrotask(() => {
      if (this.stuck || this.terminated) return;
      for (const one of this.#waiting.splice(0)) this.host.receive(one);
    });
  }

  die(reason: string): void {
    this.terminated = true;
    this.host.close();
    queueMicrotask(() => this.#events.ended(reason));
  }

  #tell(turn: Turn): void {
    if (!this.terminated) this.#events.turn(turn);
  }
}

export class ScriptedThreads {
  readonly clock: ManualClock;
  readonly all: ScriptedThread[] = [];
  readonly pipelines: ScriptedPipeline<PipelineSettings>[] = [];
  /** Of each pipeline that was opened. */
  readonly engines: (string | undefined)[] = [];
  /** Why pipelines cannot be opened. */
  refusal: Error | undefined;
  /** Why no thread begins. */
  exhaustion: Error | undefined;

  constructor(clock: ManualClock) {
    this.clock = clock;
  }

  get alive(): number {
    return this.all.filter(({ terminated }) => !terminated).length;
  }

  get latest(): ScriptedPipeline<PipelineSettings> {
    const pipeline = this.pipelines.at(-1);
    if (!pipeline) throw new Error('no pipeline was opened');
    return pipeline;
  }

  readonly start: StartThread = (events) => {
    if (this.exhaustion) throw this.exhaustion;
    const thread = new ScriptedThread(this, events);
    this.all.push(thread);
    return {
      post: (batch) => thread.take(structuredClone(batch)),
      waitedMs: () => thread.waitedMs,
      terminate: () => thread.die('terminated'),
    };
  };

  async open(out: PipelineOut, engine?: EngineChoice): Promise<ScriptedPipeline<PipelineSettings>> {
    if (this.refusal) throw this.refusal;
    this.engines.push(engine?.id);
    const pipeline = new ScriptedPipeline<PipelineSettings>(out);
    this.pipelines.push(pipeline);
    return pipeline;
  }
}
