// Owns a composed picture from RTP to RTP: settings and packets to the inputs, a turn at every beat of the highest output's
// framerate, and what is told about it all. Sans-IO: time comes in; the engine does the pictures.
import { videoCodecs, type Resolution } from '../../schemas/media.ts';
import type { DesiredVideoMixer, VideoMixerStats } from '../../schemas/worker.ts';
import { canDo } from '../engine/choose-engine.ts';
import type {
  EngineCapabilities,
  EngineSession,
  EngineTrouble,
  EngineWork,
  MediaEngine,
} from '../engine/engine.ts';
import { EngineFailure, type EngineFault } from '../engine/engine-failure.ts';
import { FrameRate } from '../frames/frame-rate.ts';
import type { Line, LineReport, PipelineOut, VideoPipeline } from '../mixing/pipeline.ts';
import { AgeMeter } from './age-meter.ts';
import { Beginning } from './beginning.ts';
import { Canvases } from './canvases.ts';
import { FramerateLimit } from './framerate-limit.ts';
import { PictureTaps } from './picture-taps.ts';
import { Recent } from './recent.ts';
import { encodableSize, usableSettings } from './usable-settings.ts';
import { VideoInput } from './video-input.ts';
import { VideoLine } from './video-line.ts';
import { VideoOutput } from './video-output.ts';
import { PictureWatch } from './watch/picture-watch.ts';
import { Work } from './work.ts';

export interface VideoPipelineOptions {
  readonly engine: MediaEngine;
  readonly out: PipelineOut;
  /** Milliseconds of any clock that runs while work is done, such as `performance.now`. */
  readonly measure: () => number;
  /** The pictures of an engine that may be wrong without saying so are watched by these, the first that can decode them. */
  readonly judges?: readonly MediaEngine[];
}

/** Opens a session of the engine; rejects with EngineFailure when that fails. */
export async function createVideoPipeline(options: VideoPipelineOptions): Promise<VideoPipeline> {
  const { engine, measure, judges = [] } = options;
  const failures: Failures = { first: undefined };
  const work = new Work(measure, engine.worksApart);
  const failed = (reason: string, trouble: EngineTrouble): void => {
    failures.first ??= { reason, trouble };
  };
  const worked = (kind: EngineWork, ms: number): void => work.add(kind, ms);
  try {
    const session = await engine.open(failed, worked);
    const judging = await openJudges(judges);
    return new EnginePipeline(session, options, work, failures, judging);
  } catch (error) {
    throw new EngineFailure(engine.id, error instanceof Error ? error.message : 'it does not begin');
  }
}

interface Judge {
  readonly session: EngineSession;
  readonly capabilities: EngineCapabilities;
}

/** Without those that do not begin. */
async function openJudges(judges: readonly MediaEngine[]): Promise<readonly Judge[]> {
  const opened = await Promise.allSettled(
    judges.map(async (judge) => {
      const session = await judge.open(() => undefined);
      return { session, capabilities: judge.capabilities };
    }),
  );
  return opened.flatMap((each) => (each.status === 'fulfilled' ? each.value : []));
}

/** Why an engine cannot go on. */
interface Failure {
  readonly reason: string;
  readonly trouble: EngineTrouble;
  /** Whose stream it was about, where that is known otherwise. */
  readonly input?: string | undefined;
}

/** What breaks an engine may break more: the first that is told is the cause. */
interface Failures {
  first: Failure | undefined;
}

/** Called again after at most this, whatever happens. */
const maxSleepMs = 1000;
/** An engine that works apart is looked after as often. */
const watchMs = 100;
/** While the first picture waits for what is being decoded. */
const beginMs = 5;
/** More than any burst that is replayed to a new pipeline. */
const maxBacklog = 250;
/** Instants whose pictures are in the encoders. */
const maxDrawn = 16;

class EnginePipeline implements VideoPipeline {
  readonly #session: EngineSession;
  readonly #capabilities: EngineCapabilities;
  readonly #out: PipelineOut;
  readonly #failures: Failures;
  readonly #worksApart: boolean;
  readonly #work: Work;
  readonly #canvases: Canvases;
  readonly #taps: PictureTaps;
  readonly #judges: readonly Judge[];
  readonly #watch: PictureWatch | undefined;
  readonly #beginning = new Beginning();
  readonly #limit = new FramerateLimit();
  readonly #ages = new AgeMeter();
  readonly #turns = new Recent();
  readonly #added = new Recent();
  /** When what was first drawn for an instant had arrived. */
  readonly #drawn = new Map<number, readonly number[]>();
  #settings: DesiredVideoMixer | undefined;
  /** In the order of drawing. */
  #inputs: readonly VideoInput[] = [];
  readonly #outputs = new Map<string, VideoOutput>();
  /** The input of each line. */
  readonly #lines = new Map<number, VideoInput>();
  #beat: FrameRate | undefined;
  /** By an engine that works here, in this turn. */
  #isMade = false;
  #isClosed = false;

  constructor(
    session: EngineSession,
    options: VideoPipelineOptions,
    work: Work,
    failures: Failures,
    judges: readonly Judge[],
  ) {
    this.#session = session;
    this.#capabilities = options.engine.capabilities;
    this.#out = options.out;
    this.#failures = failures;
    this.#worksApart = options.engine.worksApart;
    this.#work = work;
    this.#canvases = new Canvases(session);
    const { out } = options;
    this.#taps = new PictureTaps({ session, work, tapped: (picture) => out.tapped(picture) });
    this.#judges = judges;
    if (options.judges === undefined) return;
    this.#watch = new PictureWatch({
      session,
      judgeOf: (format) => judges.find((each) => canDo(each.capabilities.decode, format))?.session,
      wrong: (reason, input) => {
        failures.first ??= { reason, trouble: { scope: 'device' }, input };
      },
    });
  }

  get isBehind(): boolean {
    return this.#session.backlog > maxBacklog;
  }

  configure(settings: DesiredVideoMixer, nowMs: number): void {
    if (this.#isClosed) return;
    this.#work.nowMs = nowMs;
    const usable = usableSettings(settings, this.#capabilities);
    this.#settings = usable;
    const before = new Map(this.#inputs.map((input) => [input.settings.id, input]));
    const after = new Map<string, VideoInput>();
    for (const each of usable.inputs) {
      if (after.has(each.id)) continue;
      const input = before.get(each.id) ?? new VideoInput(each);
      input.configure(each);
      after.set(each.id, input);
    }
    for (const [id, input] of before) if (after.get(id) !== input) input.close();
    this.#inputs = [...after.values()];
    this.#forgetLines();
    this.#configureOutputs(usable);
    this.#taps.configure(usable.taps ?? [], nowMs);
  }

  begin(line: Line): void {
    const codec = videoCodecs.find((each) => each === line.format.codec);
    const input = this.#inputs.find(({ settings }) => settings.id === line.input);
    if (this.#isClosed || input === undefined || this.#lines.has(line.line)) return;
    if (codec === undefined || !canDo(this.#capabilities.decode, { codec })) return;
    const made: VideoLine = new VideoLine({
      line,
      codec,
      session: this.#session,
      work: this.#work,
      clock: input.clock,
      counts: input.counts,
      pictured: () => input.pictured(made),
      decoding: (decoder, unit) => this.#watch?.decoding(line.input, { codec }, decoder, unit),
      broken: () => this.#watch?.broken(line.input),
    });
    this.#lines.set(line.line, input);
    input.begin(made);
    this.#forgetLines();
  }

  end(line: number): void {
    this.#lines.get(line)?.end(line);
    this.#lines.delete(line);
  }

  receive(line: number, packet: Uint8Array, arrivedMs: number): void {
    this.#work.nowMs = arrivedMs;
    const found = this.#lines.get(line)?.lines.get(line);
    if (found === undefined) return;
    found.receive(packet, arrivedMs);
    if (found.takeKeyFrameRequest(arrivedMs)) this.#out.requestKeyFrame(line);
  }

  report(report: LineReport): void {
    this.#lines.get(report.line)?.report(report);
  }

  roundTrip(line: number, rttMs: number): void {
    const found = this.#lines.get(line)?.lines.get(line);
    if (found !== undefined && rttMs >= 0) found.rttMs = Math.min(rttMs, 2000);
  }

  requestKeyFrame(output: string, _nowMs: number): void {
    this.#outputs.get(output)?.requestKeyFrame();
  }

  tapTaken(tap: string): void {
    this.#taps.taken(tap);
  }

  tick(nowMs: number): number {
    if (this.#isClosed) return nowMs + maxSleepMs;
    this.#work.nowMs = nowMs;
    let wakeMs = nowMs + (this.#worksApart ? watchMs : maxSleepMs);
    for (const input of this.#inputs) {
      for (const line of input.lines.values()) {
        line.advance(nowMs);
        if (line.takeKeyFrameRequest(nowMs)) this.#out.requestKeyFrame(line.line.line);
        wakeMs = Math.min(wakeMs, line.wakeMs ?? wakeMs);
      }
    }
    wakeMs = Math.min(wakeMs, this.#turn(nowMs));
    if (this.#settings !== undefined) {
      wakeMs = Math.min(wakeMs, this.#taps.tick(nowMs, this.#settings, this.#inputs));
    }
    this.#watchPictures(nowMs);
    this.#session.watch(nowMs);
    for (const { session } of this.#judges) session.watch(nowMs);
    const { first } = this.#failures;
    if (first !== undefined) throw new EngineFailure(this.#session.id, first.reason, this.#faultOf(first));
    return Math.max(wakeMs, nowMs + 1);
  }

  stats(nowMs: number): VideoMixerStats {
    const { decode, compose, encode } = this.#work.recent;
    const wanted = this.#wanted();
    return {
      kind: 'video',
      id: this.#settings?.id ?? '',
      engine: this.#session.id,
      rebuilds: 0,
      fallbacks: 0,
      share: Math.round(this.#work.takeShare(nowMs) * 1000) / 1000,
      queue: this.#session.backlog,
      framerate: {
        wanted,
        made: Math.round(this.#turns.count(nowMs, 2000) / 2),
        limit: this.#limit.of(wanted),
      },
      decodeMs: decode.distribution(nowMs),
      composeMs: compose.distribution(nowMs),
      encodeMs: encode.distribution(nowMs),
      addedMs: this.#added.distribution(nowMs),
      inputs: this.#inputs.map((input) => {
        const { face } = input;
        const size = face.type === 'picture' ? face.decoder.size : undefined;
        const { width, height } = size ?? { width: 0, height: 0 };
        return { id: input.settings.id, width, height, ...input.counts };
      }),
      outputs: [...this.#outputs.values()].map(({ settings, size, counts }) => {
        const { width, height } = size ?? { width: 0, height: 0 };
        return { track: settings.track, width, height, ...counts };
      }),
    };
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    for (const input of this.#inputs) input.close();
    for (const output of this.#outputs.values()) output.close();
    this.#inputs = [];
    this.#outputs.clear();
    this.#lines.clear();
    this.#canvases.keep([]);
    this.#taps.close();
    this.#watch?.close();
    this.#session.close();
    for (const { session } of this.#judges) session.close();
  }

  #faultOf({ trouble: { scope, decoder }, input: known }: Failure): EngineFault {
    const decoded = this.#inputs.find(({ lines }) => [...lines.values()].some((line) => line.isOf(decoder)));
    const input = known ?? decoded?.settings.id;
    return { scope, ...(input !== undefined && { input }) };
  }

  #watchPictures(nowMs: number): void {
    if (this.#watch === undefined) return;
    const shown = new Map(
      this.#inputs.flatMap(({ settings, face }) =>
        face.type === 'picture' ? [[settings.id, face.line.line.line] as const] : [],
      ),
    );
    const { input, output } = this.#watch.tick([...shown.keys()], [...this.#outputs.keys()], nowMs);
    const line = input === undefined ? undefined : shown.get(input);
    if (line !== undefined) this.#out.requestKeyFrame(line);
    if (output !== undefined) this.#outputs.get(output)?.requestKeyFrame();
  }

  /** Inputs let go of lines by themselves too. */
  #forgetLines(): void {
    for (const [number, input] of this.#lines) if (!input.lines.has(number)) this.#lines.delete(number);
  }

  #configureOutputs({ outputs }: DesiredVideoMixer): void {
    const wanted = new Set<string>();
    for (const settings of outputs) {
      wanted.add(settings.track);
      const output = this.#outputs.get(settings.track);
      if (output !== undefined) {
        output.configure(settings);
        continue;
      }
      const made = new VideoOutput(settings, {
        session: this.#session,
        work: this.#work,
        frame: (frame) => this.#out.frame(frame),
        watch: this.#watch,
        made: (atMs) => {
          if (this.#worksApart) this.#noteAdded(atMs);
          else this.#isMade = true;
        },
      });
      this.#outputs.set(settings.track, made);
    }
    for (const [track, output] of this.#outputs) {
      if (wanted.has(track)) continue;
      output.close();
      this.#outputs.delete(track);
    }
  }

  /** Pictures/s of the fastest output. */
  #wanted(): number {
    return Math.max(0, ...[...this.#outputs.values()].map(({ settings }) => settings.framerate));
  }

  /** Composes and encodes when that is due; gives back when it will be. */
  #turn(nowMs: number): number {
    const settings = this.#settings;
    const wanted = this.#wanted();
    if (settings === undefined || wanted === 0) {
      this.#beat = undefined;
      return Infinity;
    }
    if (this.#beginning.waits(this.#inputs, nowMs)) return nowMs + beginMs;
    const framerate = this.#limit.of(wanted);
    this.#beat ??= new FrameRate(framerate, nowMs);
    this.#beat.setFps(framerate);
    const due = this.#beat.take(nowMs);
    if (due === undefined) return this.#beat.nextMs;
    this.#draw(settings, due.dueMs, nowMs);
    this.#turns.add(1, nowMs);
    const { decode, compose, encode, tap } = this.#work.takeSpent();
    if (this.#limit.note(due.dueMs, wanted, decode, compose + encode + tap)) {
      this.#beat.setFps(this.#limit.of(wanted));
    }
    return this.#beat.nextMs;
  }

  #draw(settings: DesiredVideoMixer, atMs: number, nowMs: number): void {
    const sizes = new Map<VideoOutput, Resolution>();
    for (const output of this.#outputs.values()) {
      const size = output.settings.resolution ?? this.#sourceSize() ?? output.size;
      if (size !== undefined) sizes.set(output, size);
    }
    this.#canvases.keep([...sizes.values()]);
    const composed = new Map<string, ReturnType<Canvases['compose']>>();
    for (const [output, size] of sizes) {
      if (!output.isDue(atMs, this.#limit.of(output.settings.framerate))) continue;
      const name = `${size.width}x${size.height}`;
      const picture =
        composed.get(name) ??
        this.#work.time('compose', () => this.#canvases.compose(size, settings, this.#inputs));
      composed.set(name, picture);
      if (!this.#drawn.has(atMs)) this.#drawn.set(atMs, this.#takeUnseen());
      output.encode(picture.canvas, picture.layers.length === 0, atMs);
    }
    // One size of a view stands for the others.
    const [looked] = composed.values();
    if (looked !== undefined) this.#watch?.composed(looked.canvas, looked.layers, nowMs);
    if (this.#isMade) this.#noteAdded(atMs);
    this.#isMade = false;
    for (const drawnMs of this.#drawn.keys()) {
      if (this.#drawn.size > maxDrawn) this.#drawn.delete(drawnMs);
    }
    this.#ages.sample(this.#inputs, atMs);
    const ages = this.#ages.take(nowMs);
    if (ages.length > 0) this.#out.ages(ages);
  }

  /** The size of the first input's pictures, for outputs that have none of their own. */
  #sourceSize(): Resolution | undefined {
    for (const { face } of this.#inputs) {
      if (face.type !== 'picture' || face.decoder.size === undefined) continue;
      return encodableSize(face.decoder.size, this.#capabilities);
    }
    return undefined;
  }

  #takeUnseen(): readonly number[] {
    return this.#inputs.flatMap((input) => input.takeUnseen() ?? []);
  }

  /** How long pictures took that were drawn for `atMs` for the first time, and are encoded now. */
  #noteAdded(atMs: number): void {
    const { presentMs } = this.#work;
    for (const arrivedMs of this.#drawn.get(atMs) ?? []) this.#added.add(presentMs - arrivedMs, presentMs);
    this.#drawn.set(atMs, []);
  }
}
