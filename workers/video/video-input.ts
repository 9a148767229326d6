// Owns one input of a view: its lines, which of them is shown, and whether it is muted. Where it is drawn is its settings'.
import type { VideoDecoder } from '../engine/engine.ts';
import { MediaClock } from '../frames/media-clock.ts';
import type { LineReport } from '../mixing/pipeline.ts';
import type { DesiredVideoInput } from '../../schemas/worker.ts';
import type { Arriving } from './beginning.ts';
import type { InputCounts, ShownPicture, VideoLine } from './video-line.ts';

/** What is to be seen of an input. */
export type Face =
  | { readonly type: 'nothing' }
  | { readonly type: 'avatar' }
  | { readonly type: 'picture'; readonly decoder: VideoDecoder; readonly line: VideoLine };

/** A layer that is left, the one that is shown, and one that was asked for meanwhile. */
const maxLines = 4;

export class VideoInput implements Arriving {
  readonly clock = new MediaClock();
  readonly counts: InputCounts = { decoded: 0, broken: 0, keyFrameRequests: 0 };
  #settings: DesiredVideoInput;
  readonly #lines = new Map<number, VideoLine>();
  #shown: VideoLine | undefined;
  /** Muted, or not seen again since. */
  #isMasked: boolean;
  #seen: ShownPicture | undefined;

  constructor(settings: DesiredVideoInput) {
    this.#settings = settings;
    this.#isMasked = !settings.active;
  }

  get settings(): DesiredVideoInput {
    return this.#settings;
  }

  get lines(): ReadonlyMap<number, VideoLine> {
    return this.#lines;
  }

  get face(): Face {
    if (this.#isMasked) return { type: 'avatar' };
    const line = this.#shown;
    const decoder = line?.decoder;
    return line === undefined || decoder === undefined
      ? { type: 'nothing' }
      : { type: 'picture', decoder, line };
  }

  get arrival(): Arriving['arrival'] {
    if (this.#shown !== undefined) return this.#shown.isBehind ? 'behind' : 'there';
    if (!this.#settings.active) return 'there';
    return this.#lines.size === 0 ? 'absent' : 'decoding';
  }

  configure(settings: DesiredVideoInput): void {
    const wasActive = this.#settings.active;
    this.#settings = settings;
    if (settings.active === wasActive) return;
    if (settings.active) {
      for (const line of this.#lines.values()) line.wake();
      return;
    }
    this.#isMasked = true;
    this.#shown = undefined;
    for (const [number, line] of this.#lines) {
      if (line.isEnded) this.#drop(number);
      else line.rest();
    }
  }

  /** Takes a line over; too many at once cost the oldest that is not shown. */
  begin(line: VideoLine): void {
    this.#lines.set(line.line.line, line);
    for (const [number, each] of this.#lines) {
      if (this.#lines.size <= maxLines) break;
      if (each !== this.#shown) this.#drop(number);
    }
    if (this.#settings.active) line.wake();
    else line.rest();
  }

  /** The last picture of the line that is shown stays until another line has one. */
  end(number: number): void {
    const line = this.#lines.get(number);
    if (line !== undefined && line === this.#shown) line.end();
    else this.#drop(number);
  }

  /** A line has a new picture: the newest line that has one is shown, older ones are no longer needed. */
  pictured(line: VideoLine): void {
    const number = line.line.line;
    if (this.#lines.get(number) !== line) return;
    this.#isMasked = false;
    if (line === this.#shown) return;
    this.#shown = line;
    for (const older of this.#lines.keys()) if (older < number) this.#drop(older);
  }

  report(report: LineReport): void {
    const { line, arrivedMs } = report;
    if (this.#lines.has(line)) this.clock.senderReport({ ssrc: line, ...report }, arrivedMs);
  }

  /** How old what is shown is at `atMs`; undefined without a picture, or before its sender has reported. */
  ageMs(atMs: number): number | undefined {
    const { face } = this;
    if (face.type !== 'picture' || face.line.shown === undefined) return undefined;
    const captured = this.clock.captured(face.line.line.line, face.line.shown.timestamp);
    return captured?.source === 'reports' ? atMs - captured.ms : undefined;
  }

  /** When the last packet of the shown picture came, once for each picture. */
  takeUnseen(): number | undefined {
    const { face } = this;
    const shown = face.type === 'picture' ? face.line.shown : undefined;
    if (shown === undefined || shown === this.#seen) return undefined;
    this.#seen = shown;
    return shown.arrivedMs;
  }

  close(): void {
    for (const number of this.#lines.keys()) this.#drop(number);
  }

  #drop(number: number): void {
    const line = this.#lines.get(number);
    this.#lines.delete(number);
    line?.close();
    if (line === this.#shown) this.#shown = undefined;
  }
}
