// Owns senders with a tone each and listeners that tell which tones they hear, for the tests of this folder.
import type { AudioFormat } from '../../schemas/media.ts';
import type { DesiredAudioMixer } from '../../schemas/worker.ts';
import type { Audio } from '../../wasm/audio.ts';
import { Instance } from '../../wasm/instance.ts';
import type { Age, AudioPipeline, Line, OutputFrame, PipelineOut } from '../mixing/pipeline.ts';
import { madeRtp } from '../rtp/made-packets.ts';
import { createAudioPipeline } from './audio-pipeline.ts';
import { openDecoder, type SoundDecoder } from './sound-decoder.ts';
import { openEncoder, silentPayload, type SoundEncoder } from './sound-encoder.ts';
import { soundCodec, type SoundCodec } from './sound-codec.ts';

export const opus: AudioFormat = { codec: 'opus', sampleRate: 48_000, channelNum: 2 };
export const pcmu: AudioFormat = { codec: 'pcmu' };

export const audioLevelId = 1;
const payloadType = 111;
export const redType = 63;

export function codecOf(format: AudioFormat): SoundCodec {
  const codec = soundCodec(format);
  if (codec === undefined) throw new Error(`no codec for ${format.codec}`);
  return codec;
}

/** Level of one frequency in samples at 48 kHz: 1 is full scale. */
export function toneLevel(samples: Float32Array, hz: number): number {
  let re = 0;
  let im = 0;
  for (const [at, sample] of samples.entries()) {
    // A window keeps the tones apart that do not fit in whole periods.
    const window = 1 - Math.cos((2 * Math.PI * at) / samples.length);
    re += window * sample * Math.cos((2 * Math.PI * hz * at) / 48_000);
    im += window * sample * Math.sin((2 * Math.PI * hz * at) / 48_000);
  }
  return (2 * Math.hypot(re, im)) / samples.length;
}

/** The same module, and how often each of its functions was called. */
export function counted(audio: Audio): { readonly audio: Audio; readonly calls: Map<string, number> } {
  const calls = new Map<string, number>();
  const memory: unknown = Reflect.get(audio.call, 'memory');
  if (!(memory instanceof WebAssembly.Memory)) throw new Error('the module has no memory');
  const call = { ...audio.call };
  for (const name of ['opus_decoder_decode', 'opus_encoder_encode'] as const) {
    call[name] = (...args) => {
      calls.set(name, (calls.get(name) ?? 0) + 1);
      return audio.call[name](...args);
    };
  }
  return { audio: new Instance(call, memory), calls };
}

export interface Sends {
  readonly format?: AudioFormat;
  readonly hz?: number;
  /** Of the tone, 1 is full scale; 0 sends silence. */
  readonly level?: number;
  readonly channels?: 1 | 2;
  /** Whether each packet tells its level. */
  readonly tells?: boolean;
  readonly ssrc?: number;
  /** RTP timestamp of the first packet. */
  readonly timestamp?: number;
}

/** A tone as RTP packets of 20 ms. */
export class Sender {
  hz: number;
  level: number;
  readonly format: AudioFormat;
  readonly codec: SoundCodec;
  readonly #encoder: SoundEncoder;
  readonly #silence: Uint8Array;
  readonly #channels: 1 | 2;
  readonly #tells: boolean;
  readonly #ssrc: number;
  #at = 0;
  #sequence = 0xfff0;
  #timestamp: number;

  constructor(audio: Audio, sends: Sends = {}) {
    this.format = sends.format ?? opus;
    this.codec = codecOf(this.format);
    this.hz = sends.hz ?? 440;
    this.level = sends.level ?? 0.1;
    this.#channels = sends.channels ?? 1;
    this.#tells = sends.tells ?? false;
    this.#ssrc = sends.ssrc ?? 77;
    this.#timestamp = sends.timestamp ?? 0xffff_f000;
    this.#encoder = openEncoder(audio, this.codec, this.#channels);
    this.#silence = silentPayload(audio, this.codec);
  }

  get timestamp(): number {
    return this.#timestamp;
  }

  line(line: number, input: string): Line {
    const { format } = this;
    const { clockRate } = this.codec.depacketizer;
    return { line, input, format, payloadType, redType, clockRate, ...(this.#tells ? { audioLevelId } : {}) };
  }

  payload(): Uint8Array {
    const from = this.#at;
    this.#at += 960;
    const samples = Float32Array.from({ length: 960 * this.#channels }, (_, at) => {
      const time = from + Math.floor(at / this.#channels);
      return this.level * Math.sin((2 * Math.PI * this.hz * time) / 48_000);
    });
    return this.level === 0 ? this.#silence : this.#encoder.encode(samples);
  }

  packet(payload = this.payload(), type = payloadType): Uint8Array {
    const level = this.level === 0 ? 127 : Math.round(-20 * Math.log10(this.level / Math.SQRT2));
    const packet = madeRtp({
      payloadType: type,
      sequence: this.#sequence,
      timestamp: this.#timestamp,
      ssrc: this.#ssrc,
      payload: [...payload],
      ...(this.#tells ? { extension: [audioLevelId << 4, level, 0, 0] } : {}),
    });
    this.skip();
    return packet;
  }

  /** As if a packet had been sent. */
  skip(): void {
    this.#sequence = (this.#sequence + 1) & 0xffff;
    this.#timestamp = (this.#timestamp + this.codec.depacketizer.clockRate / 50) >>> 0;
  }
}

/** Decodes what one output gives. */
export class Listener {
  readonly frames: OutputFrame[] = [];
  readonly #decoder: SoundDecoder;
  readonly #heard: Float32Array[] = [];

  constructor(audio: Audio, format: AudioFormat) {
    this.#decoder = openDecoder(audio, codecOf(format), 1);
  }

  hear(frame: OutputFrame): void {
    this.frames.push(frame);
    for (const payload of frame.payloads) this.#heard.push(this.#decoder.decode(payload, 960).slice());
  }

  /** The last `ms` as samples at 48 kHz. */
  last(ms: number): Float32Array {
    const parts = this.#heard.slice(-ms / 20);
    return Float32Array.from(parts.flatMap((part) => [...part]));
  }

  /** Level of a tone in the last `ms`. */
  tone(hz: number, ms = 400): number {
    return toneLevel(this.last(ms), hz);
  }
}

/** A pipeline, who sends to it, and who listens. */
export class Room implements PipelineOut {
  readonly pipeline: AudioPipeline;
  readonly speakers: string[] = [];
  readonly told: (readonly Age[])[] = [];
  readonly senders = new Map<string, Sender>();
  readonly listeners = new Map<string, Listener>();
  settings: DesiredAudioMixer = { kind: 'audio', id: 'm', inputs: [], outputs: [] };
  nowMs: number;
  readonly lines = new Map<string, number>();
  readonly #audio: Audio;
  #line = 0;

  /** `mixing`: the module that the pipeline uses, when it is not that of senders and listeners. */
  constructor(audio: Audio, nowMs = 1_700_000_000_000, mixing = audio) {
    this.#audio = audio;
    this.nowMs = nowMs;
    this.pipeline = createAudioPipeline({ audio: mixing, out: this, measure: () => 0 });
  }

  frame(frame: OutputFrame): void {
    this.listeners.get(frame.output)?.hear(frame);
  }

  requestKeyFrame(): void {}

  ages(ages: readonly Age[]): void {
    this.told.push(ages);
  }

  tapped(): void {
    throw new Error('sound has no pictures');
  }

  speaker(stream: string): void {
    this.speakers.push(stream);
  }

  configure(change: Partial<DesiredAudioMixer>): void {
    this.settings = { ...this.settings, ...change };
    this.pipeline.configure(this.settings, this.nowMs);
  }

  /** A participant sends; its stream, its input and, unless said otherwise, their owner have the same name. */
  join(name: string, sends: Sends = {}, owner = name): Sender {
    const sender = new Sender(this.#audio, sends);
    this.take(name, sender, owner);
    return sender;
  }

  /** The same with a sender that there is. */
  take(name: string, sender: Sender, owner = name): void {
    const input = { id: name, stream: name, owner, track: name, format: sender.format, active: true };
    this.configure({ inputs: [...this.settings.inputs, input] });
    this.send(name, sender);
  }

  /** From now on the input comes from this sender, on a new line. */
  send(input: string, sender: Sender): void {
    const before = this.lines.get(input);
    this.senders.set(input, sender);
    this.lines.set(input, ++this.#line);
    this.pipeline.begin(sender.line(this.#line, input));
    if (before !== undefined) this.pipeline.end(before);
  }

  leave(name: string): void {
    this.senders.delete(name);
    this.pipeline.end(this.lines.get(name) ?? -1);
    this.lines.delete(name);
    this.configure({ inputs: this.settings.inputs.filter(({ id }) => id !== name) });
  }

  setActive(owner: string, active: boolean): void {
    this.configure({
      inputs: this.settings.inputs.map((input) => (input.id === owner ? { ...input, active } : input)),
    });
  }

  listen(track: string, without?: string, format: AudioFormat = opus): Listener {
    const listener = new Listener(this.#audio, format);
    this.listeners.set(track, listener);
    const output = { track, format, ...(without === undefined ? {} : { without }) };
    this.configure({ outputs: [...this.settings.outputs, output] });
    return listener;
  }

  /** All send, time goes on, and the pipeline works, every 20 ms. `passes` may lose a packet. */
  run(ms: number, passes: (owner: string, index: number) => boolean = () => true): void {
    for (let index = 0; index < ms / 20; index++) {
      for (const [name, sender] of this.senders) {
        const packet = sender.packet();
        if (passes(name, index)) this.pipeline.receive(this.lines.get(name) ?? -1, packet, this.nowMs);
      }
      this.pipeline.tick(this.nowMs);
      this.nowMs += 20;
    }
  }
}
