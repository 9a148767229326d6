// Owns the outputs of one mixer, published in the room's router while the document wants them.
import type { Kind } from '../../schemas/media.ts';
import type { Format } from '../../schemas/worker.ts';
import type { Router } from '../routing/router.ts';
import type { PackedFrame } from './messages.ts';
import type { MixingRim } from './mixing-rim.ts';
import { outputPayload } from './output-payload.ts';
import { Output } from './output.ts';

export interface OutputsOptions {
  readonly kind: Kind;
  readonly router: Router;
  readonly rim: MixingRim;
  /** A subscriber of the output needs a key frame. */
  readonly keyFrame: (track: string) => void;
}

export class Outputs {
  readonly #options: OutputsOptions;
  readonly #byTrack = new Map<string, Output>();
  /** How much later than its mixing the content is to be taken for, in sender reports. */
  shiftMs = 0;

  constructor(options: OutputsOptions) {
    this.#options = options;
  }

  update(wanted: readonly { readonly track: string; readonly format: Format }[], nowMs: number): void {
    const { router, rim, kind, keyFrame } = this.#options;
    const tracks = new Set(wanted.map(({ track }) => track));
    for (const [track, output] of this.#byTrack) if (!tracks.has(track)) this.#end(track, output);
    for (const { track, format } of wanted) {
      const payload = outputPayload(format);
      if (this.#byTrack.has(track) || !payload) continue;
      const output = new Output({
        track,
        kind,
        payload,
        ssrc: rim.random32(),
        firstSequence: rim.random32() & 0x7fff,
        keyFrame: () => {
          keyFrame(track);
        },
        nowMs: () => rim.clock.now(),
        after: (ms, callback) => rim.clock.after(ms, callback),
      });
      this.#byTrack.set(track, output);
      router.publish(output.source, nowMs);
    }
  }

  take(frame: PackedFrame): void {
    this.#byTrack.get(frame.output)?.take(frame, this.shiftMs);
  }

  tick(nowMs: number): void {
    for (const output of this.#byTrack.values()) output.tick(nowMs);
  }

  /** Another pipeline makes them from now on. */
  renew(): void {
    for (const output of this.#byTrack.values()) output.renew(this.#options.rim.random32());
  }

  close(): void {
    for (const [track, output] of this.#byTrack) this.#end(track, output);
  }

  #end(track: string, output: Output): void {
    this.#byTrack.delete(track);
    output.close();
    this.#options.router.unpublish(output.source);
  }
}
