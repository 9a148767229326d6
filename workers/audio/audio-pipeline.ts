// Owns an audio mixer at work: 20 ms after 20 ms on the steady clock it plays the inputs, mixes, encodes, and tells who
// speaks. Sans-IO. A mixer with one input is a transcoder.
import type { AudioMixerStats, DesiredAudioMixer } from '../../schemas/worker.ts';
import type { Audio } from '../../wasm/audio.ts';
import type { AudioPipeline, Line, LineReport, PipelineOut } from '../mixing/pipeline.ts';
import { evaluationPeriodMs, forget, hear, noSpeaker } from './active-speaker.ts';
import { AudioInput } from './audio-input.ts';
import { AudioLine } from './audio-line.ts';
import { AudioMix } from './audio-mix.ts';
import { AudioOutputs } from './audio-outputs.ts';
import { RecentValues } from './recent-values.ts';
import { soundCodec } from './sound-codec.ts';

export interface AudioPipelineOptions {
  /** May be shared by pipelines of one thread. */
  readonly audio: Audio;
  readonly out: PipelineOut;
  /** Milliseconds of any clock, for measuring work. */
  readonly measure: () => number;
}

const periodMs = 20;
/** What is due for longer is not made any more. */
const maxLateMs = 200;
/** After a longer pause inputs begin anew instead of catching up. */
const maxPauseMs = 2000;
const agesEveryMs = 1000;

/** A pipeline without inputs and outputs; `configure` gives it some. */
export function createAudioPipeline(options: AudioPipelineOptions): AudioPipeline {
  return new MixingPipeline(options);
}

class MixingPipeline implements AudioPipeline {
  readonly isBehind = false;
  readonly #audio: Audio;
  readonly #out: PipelineOut;
  readonly #measure: () => number;
  readonly #lines = new Map<number, { readonly input: string; readonly line: AudioLine }>();
  readonly #inputs = new Map<string, AudioInput>();
  readonly #outputs: AudioOutputs;
  #mix: AudioMix | undefined;
  #id = '';
  #attention: number | undefined;
  #speaker = noSpeaker;
  /** The next period; undefined before the first tick. */
  #nextMs: number | undefined;
  #missed = 0;
  readonly #mixMs = new RecentValues();
  readonly #addedMs = new RecentValues();
  /** When the packets came that are heard in the period that is being made. */
  #playedMs: number[] = [];

  constructor({ audio, out, measure }: AudioPipelineOptions) {
    this.#audio = audio;
    this.#out = out;
    this.#measure = measure;
    this.#outputs = new AudioOutputs(audio);
  }

  configure({ id, inputs, outputs, voice }: DesiredAudioMixer): void {
    this.#id = id;
    const wanted = new Map(inputs.map((input) => [input.id, input]));
    for (const [name, input] of this.#inputs) {
      if (wanted.has(name)) continue;
      this.#speaker = forget(this.#speaker, input.desired.stream);
      input.close();
      this.#inputs.delete(name);
    }
    for (const desired of wanted.values()) {
      const input = this.#inputs.get(desired.id);
      if (input !== undefined) input.configure(desired);
      else
        this.#addInput(new AudioInput(this.#audio, desired, (arrivedMs) => this.#playedMs.push(arrivedMs)));
    }
    this.#outputs.configure(outputs);
    if (voice?.attention !== this.#attention) this.#speaker = noSpeaker;
    this.#attention = voice?.attention;
  }

  begin(line: Line): void {
    const codec = line.format.codec;
    const known = soundCodec('profile' in line.format ? { codec } : line.format);
    if (known === undefined) return;
    this.#lines.set(line.line, { input: line.input, line: new AudioLine(line, known) });
    this.#connect(line.input);
  }

  end(line: number): void {
    const ended = this.#lines.get(line);
    if (ended === undefined) return;
    this.#lines.delete(line);
    this.#connect(ended.input);
  }

  receive(line: number, packet: Uint8Array, arrivedMs: number): void {
    const known = this.#lines.get(line);
    const input = known === undefined ? undefined : this.#inputs.get(known.input);
    if (input?.line === known?.line) input?.receive(packet, arrivedMs);
  }

  report(report: LineReport): void {
    this.#lines.get(report.line)?.line.report(report);
  }

  /** Sound is never asked for again. */
  roundTrip(): void {
    return;
  }

  requestKeyFrame(): void {
    return;
  }

  tick(nowMs: number): number {
    this.#nextMs ??= Math.ceil(nowMs / periodMs) * periodMs;
    if (nowMs - this.#nextMs > maxLateMs) this.#nextMs = this.#miss(this.#nextMs, nowMs);
    for (; this.#nextMs <= nowMs; this.#nextMs += periodMs) this.#make(this.#nextMs, nowMs);
    return this.#nextMs;
  }

  stats(): AudioMixerStats {
    return {
      kind: 'audio',
      id: this.#id,
      rebuilds: 0,
      mixMs: this.#mixMs.distribution,
      addedMs: this.#addedMs.distribution,
      missed: this.#missed,
      inputs: [...this.#inputs].map(([id, { levelDb, line }]) => {
        const { played = 0, concealed = 0, late = 0, delayMs = 0 } = line?.stats ?? {};
        return { id, levelDb, played, concealed, late, delayMs };
      }),
      outputs: this.#outputs.stats,
    };
  }

  close(): void {
    for (const input of this.#inputs.values()) input.close();
    this.#inputs.clear();
    this.#lines.clear();
    this.#outputs.configure([]);
    this.#outputs.close();
    this.#mix?.close();
    this.#mix = undefined;
  }

  #addInput(input: AudioInput): void {
    this.#inputs.set(input.desired.id, input);
    this.#connect(input.desired.id);
  }

  /** An input listens to the line that began last. */
  #connect(input: string): void {
    let latest: AudioLine | undefined;
    for (const known of this.#lines.values()) if (known.input === input) latest = known.line;
    this.#inputs.get(input)?.listen(latest);
  }

  /** Lets all periods go by but the last; gives back which that is. */
  #miss(fromMs: number, nowMs: number): number {
    const lastMs = Math.floor(nowMs / periodMs) * periodMs;
    this.#missed += (lastMs - fromMs) / periodMs;
    if (lastMs - fromMs > maxPauseMs) for (const input of this.#inputs.values()) input.restart();
    else {
      for (let atMs = fromMs; atMs < lastMs; atMs += periodMs) {
        for (const input of this.#inputs.values()) input.miss(atMs);
      }
    }
    return lastMs;
  }

  #make(atMs: number, nowMs: number): void {
    const began = this.#measure();
    const mix = this.#fittingMix();
    const sounds = this.#play(atMs, mix.channels);
    mix.make(sounds);
    this.#outputs.send(mix, sounds.keys(), atMs, (frame) => this.#out.frame(frame));
    if (atMs % evaluationPeriodMs === 0) this.#findSpeaker();
    if (atMs % agesEveryMs === 0) this.#tellAges(atMs);
    const workMs = this.#measure() - began;
    this.#mixMs.add(workMs);
    for (const arrivedMs of this.#playedMs) this.#addedMs.add(Math.max(0, nowMs - arrivedMs) + workMs);
    this.#playedMs = [];
  }

  #play(atMs: number, channels: 1 | 2): Map<string, Float32Array[]> {
    const sounds = new Map<string, Float32Array[]>();
    for (const input of this.#inputs.values()) {
      const sound = input.play(atMs, channels);
      if (sound === undefined) continue;
      const { owner } = input.desired;
      const others = sounds.get(owner);
      if (others === undefined) sounds.set(owner, [sound]);
      else others.push(sound);
    }
    return sounds;
  }

  /** As many channels as the inputs have at most. */
  #fittingMix(): AudioMix {
    let channels: 1 | 2 = 1;
    for (const { stereo } of this.#inputs.values()) if (stereo) channels = 2;
    const owners = this.#inputs.size;
    if (this.#mix?.fits(channels, owners) !== true) {
      this.#mix?.close();
      this.#mix = new AudioMix(this.#audio, channels, owners);
    }
    return this.#mix;
  }

  #findSpeaker(): void {
    const energies = [...this.#inputs.values()].map((input) => ({
      stream: input.desired.stream,
      energy: input.takeEnergy(),
    }));
    if (this.#attention === undefined) return;
    const { memory, speaker } = hear(this.#speaker, energies);
    this.#speaker = memory;
    if (speaker !== undefined) this.#out.speaker(speaker);
  }

  #tellAges(atMs: number): void {
    const ages = new Map<string, number>();
    for (const { desired, line } of this.#inputs.values()) {
      const ageMs = desired.active ? line?.ageMs(atMs) : undefined;
      if (ageMs !== undefined && !ages.has(desired.stream)) ages.set(desired.stream, ageMs);
    }
    if (ages.size > 0) this.#out.ages([...ages].map(([stream, ageMs]) => ({ stream, ageMs })));
  }
}
