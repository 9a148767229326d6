// Owns the decoded sound of one input that the next periods take. Silence in it takes no memory.

/** The longest packet (200 ms of telephony) and one period; more is an error of whoever fills it. */
const mostFrames = 9600 + 960;

export class SoundQueue {
  readonly #channels: 1 | 2;
  /** Frames of silence before what is stored. "Frames" are samples per channel. */
  #quiet = 0;
  #stored: Float32Array = new Float32Array();
  #frames = 0;
  #taken: Float32Array = new Float32Array();

  constructor(channels: 1 | 2) {
    this.#channels = channels;
  }

  /** Puts interleaved samples at the end; copies them. */
  push(samples: Float32Array): void {
    this.#append(samples.length / this.#channels)?.set(samples);
  }

  silence(frames: number): void {
    if (this.#frames === 0) this.#quiet = Math.min(mostFrames, this.#quiet + frames);
    else this.#append(frames)?.fill(0);
  }

  /** What waits to be heard is silence from now on, as long as it was. */
  mute(): void {
    this.#quiet += this.#frames;
    this.#frames = 0;
    this.#stored = new Float32Array();
  }

  /** The next `frames`, filled up with silence, valid until the next call; undefined when all of it is silence. */
  take(frames: number): Float32Array | undefined {
    const quiet = Math.min(frames, this.#quiet);
    this.#quiet -= quiet;
    const loud = Math.min(frames - quiet, this.#frames);
    if (loud === 0) return undefined;
    const channels = this.#channels;
    if (this.#taken.length !== frames * channels) this.#taken = new Float32Array(frames * channels);
    this.#taken.fill(0);
    this.#taken.set(this.#stored.subarray(0, loud * channels), quiet * channels);
    this.#stored.copyWithin(0, loud * channels, this.#frames * channels);
    this.#frames -= loud;
    return this.#taken;
  }

  /** Room for `frames` at the end; none when there are too many. */
  #append(frames: number): Float32Array | undefined {
    const total = this.#frames + frames;
    if (total > mostFrames) return undefined;
    const channels = this.#channels;
    if (this.#stored.length < total * channels) {
      const grown = new Float32Array(Math.max(total, 1920) * channels);
      grown.set(this.#stored.subarray(0, this.#frames * channels));
      this.#stored = grown;
    }
    const room = this.#stored.subarray(this.#frames * channels, total * channels);
    this.#frames = total;
    return room;
  }
}
