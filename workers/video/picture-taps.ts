// Owns pictures for programs that look at them: when each is taken, of what, and never more than one of a tap that was not
// taken by its receiver yet. What is left out meanwhile is older than what comes next.
import type { Resolution } from '../../schemas/media.ts';
import type { DesiredPictureTap } from '../../schemas/picture-tap.ts';
import type { DesiredVideoMixer } from '../../schemas/worker.ts';
import type { EngineSession, VideoCanvas, VideoDecoder } from '../engine/engine.ts';
import { FrameRate } from '../frames/frame-rate.ts';
import type { TappedPicture } from '../mixing/pipeline.ts';
import { Canvases } from './canvases.ts';
import type { VideoInput } from './video-input.ts';
import type { ShownPicture } from './video-line.ts';
import type { Work } from './work.ts';

export interface PictureTapsOptions {
  readonly session: EngineSession;
  readonly work: Work;
  readonly tapped: (picture: TappedPicture) => void;
}

interface Running {
  settings: DesiredPictureTap;
  readonly beat: FrameRate;
  /** From asking the engine until the receiver says that it took the picture. */
  isOnItsWay: boolean;
  /** Of its input: the same is not given twice. */
  seen: ShownPicture | undefined;
}

export class PictureTaps {
  readonly #options: PictureTapsOptions;
  /** Of their own sizes: outputs come and go. */
  readonly #canvases: Canvases;
  readonly #running = new Map<string, Running>();

  constructor(options: PictureTapsOptions) {
    this.#options = options;
    this.#canvases = new Canvases(options.session);
  }

  configure(taps: readonly DesiredPictureTap[], nowMs: number): void {
    const wanted = new Set(taps.map(({ id }) => id));
    for (const id of this.#running.keys()) if (!wanted.has(id)) this.#running.delete(id);
    for (const settings of taps) {
      const known = this.#running.get(settings.id);
      if (known === undefined) {
        const beat = new FrameRate(settings.framerate, nowMs);
        this.#running.set(settings.id, { settings, beat, isOnItsWay: false, seen: undefined });
        continue;
      }
      if (known.settings.input !== settings.input) known.seen = undefined;
      known.settings = settings;
      known.beat.setFps(settings.framerate);
    }
    this.#canvases.keep(taps.filter(({ input }) => input === undefined));
  }

  /** The receiver has the last picture of the tap, and can take another. */
  taken(id: string): void {
    const running = this.#running.get(id);
    if (running !== undefined) running.isOnItsWay = false;
  }

  /** Takes what is due; gives back when the next will be. */
  tick(nowMs: number, settings: DesiredVideoMixer, inputs: readonly VideoInput[]): number {
    let wakeMs = Infinity;
    for (const running of this.#running.values()) {
      const due = running.beat.take(nowMs);
      wakeMs = Math.min(wakeMs, running.beat.nextMs);
      if (due === undefined || running.isOnItsWay) continue;
      const picture = this.#pictureFor(running, settings, inputs);
      if (picture !== undefined) this.#take(running, picture, due.dueMs);
    }
    return wakeMs;
  }

  close(): void {
    this.#running.clear();
    this.#canvases.keep([]);
  }

  #pictureFor(
    running: Running,
    settings: DesiredVideoMixer,
    inputs: readonly VideoInput[],
  ): VideoDecoder | VideoCanvas | undefined {
    const { input: id } = running.settings;
    if (id === undefined) {
      return this.#options.work.time(
        'compose',
        () => this.#canvases.compose(sizeOf(running.settings), settings, inputs).canvas,
      );
    }
    const face = inputs.find((input) => input.settings.id === id)?.face;
    if (face?.type !== 'picture' || face.line.shown === running.seen) return undefined;
    running.seen = face.line.shown;
    return face.decoder;
  }

  #take(running: Running, picture: VideoDecoder | VideoCanvas, atMs: number): void {
    const { session, work, tapped } = this.#options;
    const { id, pixels } = running.settings;
    const size = sizeOf(running.settings);
    running.isOnItsWay = true;
    work.time('tap', () =>
      session.tap(picture, {
        size,
        pixels,
        tapped: (data) => {
          if (this.#running.get(id) !== running) return;
          if (data === undefined) running.isOnItsWay = false;
          else tapped({ tap: id, ...size, pixels, data, atMs });
        },
      }),
    );
  }
}

function sizeOf({ width, height }: DesiredPictureTap): Resolution {
  return { width, height };
}
