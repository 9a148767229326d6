// Owns one input of an audio mixer: which of its lines is heard, decoding only what may be heard, how loud it is.
import type { DesiredAudioMixer } from '../../schemas/worker.ts';
import type { Audio } from '../../wasm/audio.ts';
import type { AudioStep } from '../frames/audio-steps.ts';
import type { AudioLine } from './audio-line.ts';
import { NoiseGate } from './noise-gate.ts';
import { openDecoder, type SoundDecoder } from './sound-decoder.ts';
import { SoundQueue } from './sound-queue.ts';

export type DesiredAudioInput = DesiredAudioMixer['inputs'][number];

const periodFrames = 960;
const silentDb = -127;
/** The longest packet; a level stands no longer without another. */
const levelStandsMs = 120;
/** After a packet without a level the sound itself is measured for so long. */
const measureMs = 1000;

export class AudioInput {
  desired: DesiredAudioInput;
  readonly #audio: Audio;
  readonly #played: (arrivedMs: number) => void;
  readonly #gate = new NoiseGate();
  #line: AudioLine | undefined;
  #decoder: SoundDecoder | undefined;
  #channels: 1 | 2 = 1;
  #queue = new SoundQueue(1);
  #levelDb = silentDb;
  #levelMs = -Infinity;
  #measureUntilMs = -Infinity;
  #energy = 0;

  /** `played` is told when a packet came whose sound is in the period that is being made. */
  constructor(audio: Audio, desired: DesiredAudioInput, played: (arrivedMs: number) => void) {
    this.#audio = audio;
    this.#played = played;
    this.desired = desired;
  }

  get line(): AudioLine | undefined {
    return this.#line;
  }

  get levelDb(): number {
    return this.#levelDb;
  }

  /** Whether its sound has two channels; an input that is not heard counts for none. */
  get stereo(): boolean {
    return this.desired.active && this.#line?.stereo === true;
  }

  configure(desired: DesiredAudioInput): void {
    if (this.desired.active && !desired.active) this.#quieten();
    this.desired = desired;
  }

  /** Listens to another line from now on. */
  listen(line: AudioLine | undefined): void {
    if (line === this.#line) return;
    this.#line = line;
    this.#quieten();
  }

  receive(packet: Uint8Array, arrivedMs: number): void {
    if (!this.desired.active) return;
    const level = this.#line?.receive(packet, arrivedMs);
    if (level === undefined) return;
    if (level === 'unknown') this.#measureUntilMs = arrivedMs + measureMs;
    else this.#noteLevel(level, arrivedMs);
  }

  /**
   * The 20 ms from `atMs` on as interleaved samples at 48 kHz, valid until the next call; undefined when there is
   * nothing to hear. Call for every period, in order.
   */
  play(atMs: number, channels: 1 | 2): Float32Array | undefined {
    const line = this.#line;
    if (line === undefined || !this.desired.active) return undefined;
    if (channels !== this.#channels) this.#setChannels(channels);
    const measured = atMs < this.#measureUntilMs;
    const steps = line.tick(atMs);
    if (measured || this.#gate.isOpen(atMs)) for (const step of steps) this.#decode(line, step);
    else this.#skip(line, steps);
    const sound = this.#queue.take(periodFrames);
    if (measured) this.#noteLevel(sound === undefined ? silentDb : levelOf(sound), atMs);
    const standing = atMs - this.#levelMs <= levelStandsMs;
    if (!standing) this.#levelDb = silentDb;
    this.#energy += this.#gate.energy(this.#levelDb);
    return this.#gate.isOpen(atMs) ? sound : undefined;
  }

  /** Lets the 20 ms from `atMs` on go by unheard. */
  miss(atMs: number): void {
    this.#line?.tick(atMs);
  }

  restart(): void {
    this.#quieten();
  }

  /** Energy of what was spoken since the last call; background noise has none. */
  takeEnergy(): number {
    const energy = this.#energy;
    this.#energy = 0;
    return energy;
  }

  close(): void {
    this.#decoder?.close();
    this.#decoder = undefined;
  }

  #noteLevel(levelDb: number, nowMs: number): void {
    this.#levelDb = levelDb;
    this.#levelMs = nowMs;
    this.#gate.hear(levelDb, nowMs);
  }

  #decode(line: AudioLine, step: AudioStep): void {
    const queue = this.#queue;
    if (step.type === 'silence') {
      queue.silence(framesOf(line, step.durationTicks));
      return;
    }
    const decoder = (this.#decoder ??= openDecoder(this.#audio, line.codec, this.#channels));
    switch (step.type) {
      case 'packet': {
        queue.push(decoder.decode(step.frame.data, step.frame.durationTicks));
        const arrivedMs = line.arrivedMs(step.frame.sequence);
        if (arrivedMs !== undefined) this.#played(arrivedMs);
        return;
      }
      case 'skip':
        decoder.decode(step.frame.data, step.frame.durationTicks);
        return;
      case 'fec':
        queue.push(decoder.recover(step.frame.data, step.durationTicks));
        return;
      case 'conceal':
        queue.push(decoder.conceal(step.durationTicks));
        return;
    }
  }

  /** What nobody hears is not decoded; a decoder that missed something begins anew. */
  #skip(line: AudioLine, steps: readonly AudioStep[]): void {
    this.close();
    this.#queue.mute();
    for (const step of steps) {
      if (step.type === 'packet') this.#queue.silence(framesOf(line, step.frame.durationTicks));
      else if (step.type !== 'skip') this.#queue.silence(framesOf(line, step.durationTicks));
    }
  }

  #setChannels(channels: 1 | 2): void {
    this.close();
    this.#channels = channels;
    this.#queue = new SoundQueue(channels);
  }

  #quieten(): void {
    this.close();
    this.#queue = new SoundQueue(this.#channels);
    this.#line?.restart();
    this.#gate.close();
    this.#levelDb = silentDb;
    this.#levelMs = -Infinity;
    this.#energy = 0;
  }
}

function framesOf(line: AudioLine, ticks: number): number {
  return (ticks * 48_000) / line.codec.depacketizer.clockRate;
}

/** In dB below a square wave at full scale, -127 … 0 (RFC 6464). */
function levelOf(samples: Float32Array): number {
  let energy = 0;
  for (const sample of samples) energy += sample * sample;
  const db = 10 * Math.log10(energy / samples.length);
  return Math.min(0, Math.max(silentDb, db));
}
