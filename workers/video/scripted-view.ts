// Owns settings of views for tests, and a pipeline with cameras before and screens behind it, all on one made-up clock.
import type { Resolution, VideoFormat } from '../../schemas/media.ts';
import type { Region } from '../../schemas/stream.ts';
import type {
  DesiredVideoInput,
  DesiredVideoMixer,
  DesiredVideoOutput,
  VideoMixerStats,
} from '../../schemas/worker.ts';
import { readModule } from '../../wasm/locate.ts';
import { freshVideo } from '../../wasm/scripted-modules.ts';
import type { Video } from '../../wasm/video.ts';
import type { MediaEngine } from '../engine/engine.ts';
import { WasmEngine } from '../engine/wasm/wasm-engine.ts';
import type { Age, OutputFrame, PipelineOut, TappedPicture, VideoPipeline } from '../mixing/pipeline.ts';
import { type CameraOptions, type Colour, ScriptedCamera, type ScriptedCodec } from './scripted-camera.ts';
import { ScriptedScreen } from './scripted-screen.ts';
import { createVideoPipeline } from './video-pipeline.ts';

/** Region `index` of a square grid with so many to a side. */
export function gridRegion(index: number, side: number): Region {
  const area = {
    left: `${index % side}/${side}`,
    top: `${Math.floor(index / side)}/${side}`,
    width: `1/${side}`,
    height: `1/${side}`,
  };
  return { id: String(index + 1), shape: 'rectangle', area };
}

/** Inputs of these names in a grid. */
export function gridInputs(names: readonly string[], side: number): DesiredVideoInput[] {
  return names.map((id, index) => ({
    id,
    stream: `${id}-stream`,
    layers: [{ track: `${id}-track`, format: { codec: 'vp8' } }],
    active: true,
    region: gridRegion(index, side),
  }));
}

export function outputOf(
  track: string,
  options: Partial<DesiredVideoOutput> & { readonly codec?: VideoFormat['codec'] } = {},
): DesiredVideoOutput {
  const { codec = 'vp8', ...rest } = options;
  const resolution: Resolution = { width: 320, height: 180 };
  const rates = { framerate: 30, bitrateKbps: 1000, keyFrameInterval: 100 };
  return { track, format: { codec }, resolution, ...rates, ...rest };
}

export function viewOf(
  inputs: DesiredVideoInput[],
  outputs: DesiredVideoOutput[],
  options: Partial<DesiredVideoMixer> = {},
): DesiredVideoMixer {
  const background = { r: 0, g: 0, b: 0 };
  return { kind: 'video', id: 'view/video', background, fit: 'crop', inputs, outputs, ...options };
}

export class ScriptedView implements PipelineOut {
  readonly video: Video;
  nowMs = 1_000_000;
  readonly cameras = new Map<number, ScriptedCamera>();
  readonly screens = new Map<string, ScriptedScreen>();
  readonly keyFrameRequests: number[] = [];
  readonly told: (readonly Age[])[] = [];
  readonly tappedPictures: TappedPicture[] = [];
  /** Takes each tapped picture at once. */
  takesTapped = true;
  /** Cameras answer key frame requests. */
  answersRequests = true;
  /** Packets for which this is false are lost. */
  arrives: (line: number, packet: Uint8Array) => boolean = () => true;
  /** What each piece of work takes on the made-up clock. */
  costMs = 0;
  #measured = 0;
  #pipeline: VideoPipeline | undefined;
  #wakeMs = 0;
  #settings: DesiredVideoMixer | undefined;

  private constructor(video: Video) {
    this.video = video;
  }

  /** `judges`: who watches the engine's pictures. */
  static async begin(
    settings: DesiredVideoMixer,
    engine?: MediaEngine,
    judges?: readonly MediaEngine[],
  ): Promise<ScriptedView> {
    const view = new ScriptedView(await freshVideo());
    view.#pipeline = await createVideoPipeline({
      engine: engine ?? new WasmEngine(await readModule('video')),
      out: view,
      measure: () => (view.#measured += view.costMs),
      ...(judges && { judges }),
    });
    view.configure(settings);
    return view;
  }

  get pipeline(): VideoPipeline {
    if (this.#pipeline === undefined) throw new Error('not begun');
    return this.#pipeline;
  }

  get stats(): VideoMixerStats {
    const stats = this.pipeline.stats(this.nowMs);
    if (stats.kind !== 'video') throw new Error('not of pictures');
    return stats;
  }

  configure(settings: DesiredVideoMixer): void {
    this.#settings = settings;
    for (const { track, format } of settings.outputs) {
      if (!this.screens.has(track)) {
        this.screens.set(track, new ScriptedScreen(this.video, format.codec as ScriptedCodec));
      }
    }
    this.pipeline.configure(settings, this.nowMs);
    this.#wakeMs = 0;
  }

  camera(options: CameraOptions): ScriptedCamera {
    const camera = new ScriptedCamera(this.video, options);
    this.cameras.set(options.line, camera);
    this.pipeline.begin(camera.line);
    return camera;
  }

  /** A camera of one colour for each name, on lines from 1. */
  cameraEach(names: Readonly<Record<string, Colour>>, codec: ScriptedCodec = 'vp8'): void {
    for (const [input, colour] of Object.entries(names)) {
      this.camera({ line: this.cameras.size + 1, input, codec }).colour = colour;
    }
  }

  /** A camera that shoots no more; its line goes on until it is ended. */
  stop(line: number): void {
    this.cameras.delete(line);
  }

  /** Names of the colours in the middle of the grid's regions, row by row. */
  seen(track: string, side: number): readonly string[] {
    const screen = this.screen(track);
    return Array.from({ length: side * side }, (_, index) =>
      screen.name(((index % side) + 0.5) / side, (Math.floor(index / side) + 0.5) / side),
    );
  }

  screen(track: string): ScriptedScreen {
    const screen = this.screens.get(track);
    if (screen === undefined) throw new Error(`no screen ${track}`);
    return screen;
  }

  /** Goes on for a time: cameras shoot 30 pictures a second, the pipeline is called when it wants to be. */
  run(ms: number): void {
    const endMs = this.nowMs + ms;
    while (this.nowMs < endMs) {
      if (this.nowMs % 33 === 0) for (const camera of this.cameras.values()) this.shoot(camera);
      if (this.nowMs >= this.#wakeMs) this.tick();
      this.nowMs++;
    }
  }

  shoot(camera: ScriptedCamera): void {
    const { line } = camera.line;
    for (const packet of camera.shoot(this.nowMs)) {
      if (this.arrives(line, packet)) this.pipeline.receive(line, packet, this.nowMs);
    }
  }

  tick(): void {
    this.#wakeMs = this.pipeline.tick(this.nowMs);
  }

  frame(frame: OutputFrame): void {
    if (this.#settings?.outputs.some(({ track }) => track === frame.output) !== true) {
      throw new Error(`a frame of ${frame.output}, which nobody wants`);
    }
    this.screen(frame.output).take(frame);
  }

  requestKeyFrame(line: number): void {
    this.keyFrameRequests.push(line);
    const camera = this.cameras.get(line);
    if (camera !== undefined && this.answersRequests) camera.key = true;
  }

  ages(ages: readonly Age[]): void {
    this.told.push(ages);
  }

  tapped(picture: TappedPicture): void {
    this.tappedPictures.push(picture);
    if (this.takesTapped) this.pipeline.tapTaken(picture.tap);
  }

  speaker(): void {
    throw new Error('pictures do not speak');
  }
}
