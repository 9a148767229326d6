// Owns what a pipeline is: the part of a mixer that runs in a thread of its own, takes RTP in and gives frames out. Sans-IO:
// packets, settings and time come in, `PipelineOut` takes what comes of them. Who feeds it, and what happens when its thread
// dies, is for the other side.
import type { PixelFormat } from '../../schemas/picture-tap.ts';
import type { DesiredAudioMixer, DesiredVideoMixer, Format, MixerStats } from '../../schemas/worker.ts';

/** One incoming RTP stream of one input; an input gets another one when its layer or its sender's stream changes. */
export interface Line {
  /** Given out ascending, never again in the life of a pipeline. */
  readonly line: number;
  readonly input: string;
  readonly format: Format;
  readonly payloadType: number;
  /** Redundant audio (RFC 2198) comes under this type. */
  readonly redType?: number;
  /** Id of the header extension with the sound's level (RFC 6464); without it silence is found only by decoding. */
  readonly audioLevelId?: number;
  /** RTP ticks per second. */
  readonly clockRate: number;
}

/** A sender report of a line; all times are milliseconds since 1970 on the worker's clock, never going back. */
export interface LineReport {
  readonly line: number;
  readonly ntpHigh: number;
  readonly ntpLow: number;
  readonly rtpTimestamp: number;
  readonly arrivedMs: number;
}

/** What one output made of one instant. */
export interface OutputFrame {
  /** Track id of the output. */
  readonly output: string;
  /** RTP payloads in order; owned by who is given them. */
  readonly payloads: readonly Uint8Array[];
  /** The instant of mixing. Sound and picture of one instant have the same; RTP timestamps follow from it. */
  readonly atMs: number;
  /** RTP ticks of the output's clock, 32 bits: `atMs` in ticks, so that all outputs of a worker share one line of time. */
  readonly timestamp: number;
  /** Video: the marker is on the last payload. Audio: on the first, when sound begins after silence. */
  readonly marker: boolean;
  readonly key: boolean;
}

/** How old what is heard or seen of a stream is: now minus its capture on its sender's clock, comparable only with itself. */
export interface Age {
  readonly stream: string;
  readonly ageMs: number;
}

/** A picture for programs that look at it. */
export interface TappedPicture {
  /** Id of the wish. */
  readonly tap: string;
  /** Pixels. */
  readonly width: number;
  readonly height: number;
  readonly pixels: PixelFormat;
  /** Full-range values, rows without gaps: three bytes for each pixel of `rgb`, one of `gray`. Owned by who is given it. */
  readonly data: Uint8Array<ArrayBuffer>;
  /** The instant it was wanted for, shortly before it was taken. */
  readonly atMs: number;
}

export interface PipelineOut {
  frame(frame: OutputFrame): void;
  /** A line can go on only with a key frame. Said again until one comes; who hears it limits the rate. */
  requestKeyFrame(line: number): void;
  /** About once a second: ages of what is in the mix now, of streams whose sender reports make them known. */
  ages(ages: readonly Age[]): void;
  /** The loudest input is another than before. */
  speaker(stream: string): void;
  /** No other of the same tap follows until `tapTaken`. */
  tapped(picture: TappedPicture): void;
}

/** Nothing that comes in makes it throw but a broken engine; then it is closed and another begun. */
export interface Pipeline<Settings> {
  /** Much of what it was given waits in its engine: who feeds it should hold back. */
  readonly isBehind: boolean;
  /** Becomes what the settings say; the same again changes nothing. */
  configure(settings: Settings, nowMs: number): void;
  /** A line of an input that the settings name; others are ignored. */
  begin(line: Line): void;
  end(line: number): void;
  /** `packet` is a whole RTP packet, owned by the pipeline from now on. Of unknown lines: ignored. */
  receive(line: number, packet: Uint8Array, arrivedMs: number): void;
  report(report: LineReport): void;
  /** Round-trip time to the sender of a line. */
  roundTrip(line: number, rttMs: number): void;
  /** A subscriber of the output lost the picture, or is new. */
  requestKeyFrame(output: string, nowMs: number): void;
  /** Does what is due; gives back when it wants to be called next, in ms of the same clock. */
  tick(nowMs: number): number;
  stats(nowMs: number): MixerStats;
  close(): void;
}

export interface VideoPipeline extends Pipeline<DesiredVideoMixer> {
  /** The last picture of a tap has arrived, and another may come. Of unknown taps: ignored. */
  tapTaken(tap: string): void;
}
export type AudioPipeline = Pipeline<DesiredAudioMixer>;
