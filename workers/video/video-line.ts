// Owns one incoming RTP stream on its way to pictures: packets, jitter buffer, decoder. Which line of an input is shown is
// the input's.
import type { AccessUnit, EngineSession, VideoDecoder } from '../engine/engine.ts';
import type { MediaClock } from '../frames/media-clock.ts';
import { VideoJitterBuffer } from '../frames/video-jitter-buffer.ts';
import type { DecodedCodec } from '../frames/video-depacketizers.ts';
import type { Line } from '../mixing/pipeline.ts';
import { parseRtp, RtpHeader } from '../rtp/packet.ts';
import type { Work } from './work.ts';

/** What happened on all lines of an input. */
export interface InputCounts {
  decoded: number;
  broken: number;
  keyFrameRequests: number;
}

export interface VideoLineOptions {
  readonly line: Line;
  readonly codec: DecodedCodec;
  readonly session: EngineSession;
  readonly work: Work;
  /** Knows the line under its number. */
  readonly clock: MediaClock;
  readonly counts: InputCounts;
  /** There is a new picture. */
  readonly pictured: () => void;
  /** The decoder was given a unit. */
  readonly decoding?: (decoder: VideoDecoder, unit: AccessUnit) => void;
  /** It could not be decoded. */
  readonly broken?: () => void;
}

/** A picture that can be shown; `arrivedMs` is when its last packet came. */
export interface ShownPicture {
  readonly timestamp: number;
  readonly arrivedMs: number;
}

/** `resting`: packets are dropped. `ended`: there are no more, the last picture stays. */
type State = 'resting' | 'awake' | 'ended';

/** Frames given to the decoder whose picture has not come back; engines hold only a few. */
const maxInDecoder = 32;

const header = new RtpHeader();

export class VideoLine {
  readonly line: Line;
  readonly #options: VideoLineOptions;
  #state: State = 'resting';
  #buffer: VideoJitterBuffer | undefined;
  #decoder: VideoDecoder | undefined;
  #rttMs = 50;
  /** When the frames in the decoder arrived, by timestamp. */
  readonly #arrivals = new Map<number, number>();
  #shown: ShownPicture | undefined;
  /** As of the last call. */
  #nowMs = 0;

  constructor(options: VideoLineOptions) {
    this.line = options.line;
    this.#options = options;
    options.clock.addStream(options.line.line, options.line.clockRate);
  }

  /** The decoder whose latest picture can be drawn; undefined before the first. */
  get decoder(): VideoDecoder | undefined {
    return this.#shown === undefined || this.#decoder?.size === undefined ? undefined : this.#decoder;
  }

  /** Whether it is this decoder that its stream goes to. */
  isOf(decoder: VideoDecoder | undefined): boolean {
    return decoder !== undefined && decoder === this.#decoder;
  }

  get shown(): ShownPicture | undefined {
    return this.#shown;
  }

  /** Pictures that its decoder was given have not come back. */
  get isBehind(): boolean {
    return this.#arrivals.size > 0;
  }

  set rttMs(rttMs: number) {
    this.#rttMs = rttMs;
    if (this.#buffer !== undefined) this.#buffer.rttMs = rttMs;
  }

  get isEnded(): boolean {
    return this.#state === 'ended';
  }

  /** What comes from now on is decoded. A line begins at rest. */
  wake(): void {
    if (this.#state === 'resting') this.#state = 'awake';
  }

  /** Nothing is shown or kept until it is woken; it goes on with a key frame then. */
  rest(): void {
    if (this.#state !== 'ended') this.#state = 'resting';
    this.#free();
  }

  /** No packets come any more; the last picture stays until `close`. */
  end(): void {
    this.#state = 'ended';
    this.#buffer = undefined;
  }

  receive(packet: Uint8Array, arrivedMs: number): void {
    if (this.#state !== 'awake') return;
    if (!parseRtp(packet, header) || header.payloadType !== this.line.payloadType) return;
    const { ssrc, sequence, timestamp, marker } = header;
    const payload = packet.subarray(header.payloadOffset, header.payloadEnd);
    if (payload.length > 0) this.#options.clock.arrived(this.line.line, timestamp, arrivedMs);
    this.#buffer ??= this.#newBuffer();
    this.#buffer.insert({ ssrc, sequence, timestamp, marker, payload }, arrivedMs);
    this.advance(arrivedMs);
  }

  /** Decodes what is ready. */
  advance(nowMs: number): void {
    const buffer = this.#buffer;
    if (this.#state !== 'awake' || buffer === undefined) return;
    this.#nowMs = nowMs;
    for (let frame = buffer.pop(nowMs); frame !== undefined; frame = buffer.pop(nowMs)) {
      const { data, keyFrame: key, timestamp } = frame;
      this.#decoder ??= this.#newDecoder();
      const decoder = this.#decoder;
      this.#arrivals.set(timestamp, nowMs);
      this.#options.work.time('decode', () => decoder.decode({ data, key, timestamp }));
      this.#options.decoding?.(decoder, { data, key, timestamp });
      this.#forgetArrivals();
    }
  }

  /** True when the sender is to be asked for a key frame now. */
  takeKeyFrameRequest(nowMs: number): boolean {
    if (this.#state !== 'awake' || this.#buffer?.takeKeyFrameRequest(nowMs) !== true) return false;
    this.#options.counts.keyFrameRequests++;
    return true;
  }

  /** When time alone may bring a picture or a request. */
  get wakeMs(): number | undefined {
    return this.#state === 'awake' ? this.#buffer?.wakeMs : undefined;
  }

  close(): void {
    this.#state = 'ended';
    this.#free();
    this.#options.clock.removeStream(this.line.line);
  }

  #newBuffer(): VideoJitterBuffer {
    const buffer = new VideoJitterBuffer({ codec: this.#options.codec });
    buffer.rttMs = this.#rttMs;
    return buffer;
  }

  #newDecoder(): VideoDecoder {
    const { session, counts, pictured } = this.#options;
    const codec = this.#options.codec;
    return session.decoder({
      format: { codec },
      pictured: (timestamp) => {
        counts.decoded++;
        this.#shown = { timestamp, arrivedMs: this.#arrivals.get(timestamp) ?? this.#nowMs };
        this.#arrivals.delete(timestamp);
        pictured();
      },
      broken: () => {
        counts.broken++;
        this.#options.broken?.();
        this.#buffer?.needKeyFrame(this.#nowMs);
      },
    });
  }

  #forgetArrivals(): void {
    for (const timestamp of this.#arrivals.keys()) {
      if (this.#arrivals.size <= maxInDecoder) return;
      this.#arrivals.delete(timestamp);
    }
  }

  #free(): void {
    this.#decoder?.close();
    this.#decoder = undefined;
    this.#buffer = undefined;
    this.#shown = undefined;
    this.#arrivals.clear();
  }
}
