// Owns the outputs of an audio mixer: which of them hear the same, and encoding that once. Who speaks gets a mix of its
// own while it is heard; everybody else's packets are the common ones.
import type { DesiredAudioMixer } from '../../schemas/worker.ts';
import type { Audio } from '../../wasm/audio.ts';
import type { OutputFrame } from '../mixing/pipeline.ts';
import type { AudioMix } from './audio-mix.ts';
import { silentPayload } from './sound-encoder.ts';
import { soundCodec, type SoundCodec } from './sound-codec.ts';
import { SoundStream } from './sound-stream.ts';

type DesiredOutput = DesiredAudioMixer['outputs'][number];

/** After its last sound an owner stays with its own mix this long: by then both are the same again. */
const ownMixMs = 200;

interface Output {
  readonly track: string;
  readonly codec: SoundCodec;
  readonly without: string | undefined;
  packets: number;
  bytes: number;
  sounded: boolean;
}

/** The streams of one format: the common mix and those of who speaks. */
interface Streams {
  readonly common: SoundStream;
  readonly own: Map<string, SoundStream>;
}

export class AudioOutputs {
  readonly #audio: Audio;
  #outputs = new Map<string, Output>();
  readonly #streams = new Map<SoundCodec, Streams>();
  readonly #silent = new Map<SoundCodec, Uint8Array>();
  readonly #heardMs = new Map<string, number>();
  #channels: 1 | 2 = 1;

  constructor(audio: Audio) {
    this.#audio = audio;
  }

  /** Formats that cannot be encoded get no packets. */
  configure(desired: readonly DesiredOutput[]): void {
    const outputs = new Map<string, Output>();
    for (const { track, format, without } of desired) {
      const codec = soundCodec(format);
      if (codec === undefined) continue;
      const before = this.#outputs.get(track);
      const same = before?.codec === codec && before.without === without;
      outputs.set(track, same ? before : { track, codec, without, packets: 0, bytes: 0, sounded: false });
    }
    this.#outputs = outputs;
  }

  get stats(): readonly { readonly track: string; readonly packets: number; readonly bytes: number }[] {
    return [...this.#outputs.values()].map(({ track, packets, bytes }) => ({ track, packets, bytes }));
  }

  /** Encodes the period at `atMs`, in which the inputs of `speakers` were heard. */
  send(mix: AudioMix, speakers: Iterable<string>, atMs: number, out: (frame: OutputFrame) => void): void {
    if (mix.channels !== this.#channels) this.#setChannels(mix.channels);
    for (const owner of speakers) this.#heardMs.set(owner, atMs);
    for (const [owner, heardMs] of this.#heardMs) if (atMs - heardMs > ownMixMs) this.#heardMs.delete(owner);
    const made = new Map<SoundCodec, Uint8Array | undefined>();
    for (const output of this.#outputs.values()) {
      const { codec, without } = output;
      let payload: Uint8Array | undefined;
      if (without !== undefined && this.#heardMs.has(without)) {
        payload = this.#own(mix, codec, without, atMs);
      } else {
        if (!made.has(codec)) made.set(codec, this.#common(mix, codec, atMs));
        payload = made.get(codec);
      }
      this.#give(output, payload, atMs, out);
    }
    this.#rest(atMs);
  }

  close(): void {
    for (const { common, own } of this.#streams.values()) {
      common.close();
      for (const stream of own.values()) stream.close();
    }
    this.#streams.clear();
  }

  #common(mix: AudioMix, codec: SoundCodec, atMs: number): Uint8Array | undefined {
    if (mix.all === undefined) return undefined;
    return this.#streamsOf(codec).common.encode(mix.all, mix.before, atMs);
  }

  #own(mix: AudioMix, codec: SoundCodec, owner: string, atMs: number): Uint8Array | undefined {
    const samples = mix.without(owner);
    if (samples === undefined) return undefined;
    const { own } = this.#streamsOf(codec);
    const stream = own.get(owner) ?? new SoundStream(this.#audio, codec, this.#channels);
    own.set(owner, stream);
    // What it heard before it spoke was the common mix.
    return stream.encode(samples, mix.before, atMs);
  }

  /** A payload may be shared by many outputs, and each gives its own away. */
  #give(
    output: Output,
    payload: Uint8Array | undefined,
    atMs: number,
    out: (frame: OutputFrame) => void,
  ): void {
    const { codec } = output;
    const bytes = (payload ?? this.#silence(codec)).slice();
    const sounds = payload !== undefined;
    const marker = output.packets === 0 || (sounds && !output.sounded);
    output.packets++;
    output.bytes += bytes.length;
    output.sounded = sounds;
    out({
      output: output.track,
      payloads: [bytes],
      atMs,
      timestamp: ((atMs * codec.depacketizer.clockRate) / 1000) % 2 ** 32,
      marker,
      key: true,
    });
  }

  #silence(codec: SoundCodec): Uint8Array {
    const known = this.#silent.get(codec) ?? silentPayload(this.#audio, codec);
    this.#silent.set(codec, known);
    return known;
  }

  #streamsOf(codec: SoundCodec): Streams {
    const known = this.#streams.get(codec);
    if (known !== undefined) return known;
    const common = new SoundStream(this.#audio, codec, this.#channels);
    const streams = { common, own: new Map<string, SoundStream>() };
    this.#streams.set(codec, streams);
    return streams;
  }

  #rest(atMs: number): void {
    for (const { common, own } of this.#streams.values()) {
      common.rest(atMs);
      for (const [owner, stream] of own) if (stream.rest(atMs)) own.delete(owner);
    }
  }

  #setChannels(channels: 1 | 2): void {
    this.close();
    this.#channels = channels;
  }
}
