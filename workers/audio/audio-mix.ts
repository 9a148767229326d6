// Owns the mix of one period: of all who are heard, and of all but one. Not who is heard, and not what it becomes.
import type { Audio } from '../../wasm/audio.ts';
import { AudioMixer } from '../../wasm/audio-mixer.ts';

const frames = 960;
/** Of more voices at once nobody understands anything; the rest is left out. */
const mostVoices = 64;

export class AudioMix {
  readonly channels: 1 | 2;
  readonly #mixer: AudioMixer;
  readonly #places: number;
  /** Owners that are heard in this period, and their places in the mixer, which they keep as long as they are. */
  #voices = new Map<string, number>();
  #sounds = false;
  #soundedBefore = false;
  #now: Float32Array<ArrayBuffer>;
  #before: Float32Array<ArrayBuffer>;
  /** The mixes without one that were made of this period: each may be made once. */
  readonly #without = new Map<string, Float32Array>();

  constructor(audio: Audio, channels: 1 | 2, owners: number) {
    this.channels = channels;
    this.#places = placesFor(owners);
    this.#mixer = new AudioMixer(audio, { channels, frames, inputs: this.#places });
    this.#now = new Float32Array(frames * channels);
    this.#before = new Float32Array(frames * channels);
  }

  /** Whether it is made for so many owners and channels. */
  fits(channels: 1 | 2, owners: number): boolean {
    return this.channels === channels && this.#places === placesFor(owners);
  }

  /** Mixes the next period from what each owner's inputs sound like. */
  make(sounds: ReadonlyMap<string, readonly Float32Array[]>): void {
    const mixer = this.#mixer;
    mixer.begin();
    this.#without.clear();
    this.#place(sounds);
    for (const [owner, place] of this.#voices) {
      const sound = sum(sounds.get(owner) ?? []);
      if (sound !== undefined) mixer.add(place, sound);
    }
    [this.#now, this.#before] = [this.#before, this.#now];
    this.#soundedBefore = this.#sounds;
    this.#sounds = this.#voices.size > 0;
    if (this.#sounds) this.#now.set(mixer.all());
  }

  /** Interleaved samples of everybody, valid until the next period; undefined when there is nothing to hear. */
  get all(): Float32Array | undefined {
    return this.#sounds ? this.#now : undefined;
  }

  /** The same of the period before. */
  get before(): Float32Array | undefined {
    return this.#soundedBefore ? this.#before : undefined;
  }

  /** Everybody but one; undefined when there is nothing to hear. */
  without(owner: string): Float32Array | undefined {
    const place = this.#voices.get(owner);
    if (place === undefined) return this.all;
    if (this.#voices.size === 1) return undefined;
    const made = this.#without.get(owner) ?? this.#mixer.without(place).slice();
    this.#without.set(owner, made);
    return made;
  }

  close(): void {
    this.#mixer.close();
  }

  #place(sounds: ReadonlyMap<string, readonly Float32Array[]>): void {
    const voices = new Map<string, number>();
    for (const [owner, place] of this.#voices) if (sounds.has(owner)) voices.set(owner, place);
    const taken = new Set(voices.values());
    let free = 0;
    for (const owner of sounds.keys()) {
      if (voices.has(owner)) continue;
      while (taken.has(free)) free++;
      if (free >= this.#places) break;
      voices.set(owner, free++);
    }
    this.#voices = voices;
  }
}

function placesFor(owners: number): number {
  return Math.min(mostVoices, 2 ** Math.ceil(Math.log2(Math.max(2, owners))));
}

function sum(sounds: readonly Float32Array[]): Float32Array | undefined {
  const [first, ...rest] = sounds;
  if (first === undefined || rest.length === 0) return first;
  const total = first.slice();
  for (const sound of rest) for (const [at, sample] of sound.entries()) total[at] = (total[at] ?? 0) + sample;
  return total;
}
