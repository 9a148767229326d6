// Owns a room's active audio on the main thread: the packets of the loudest inputs, as they are, on a few outputs. Who is
// loudest is judged by audio/selector.ts from the levels that packets tell.
import type { DesiredAudioSelector } from '../../schemas/worker.ts';
import { AudioSelector, type Selected } from '../audio/selector.ts';
import { writeUint16, writeUint32 } from '../rtp/bytes.ts';
import { readAudioLevel } from '../rtp/extensions.ts';
import type { StoredPacket } from '../rtp/history.ts';
import { parseRtp, RtpHeader, rtpHeaderBytes } from '../rtp/packet.ts';
import { unwrapRed } from '../rtp/red.ts';
import type { HeardReport } from '../rtp/sr-relay.ts';
import type { Router, TrackSink } from '../routing/router.ts';
import { Source, type PacketSink } from '../routing/source.ts';
import type { MixingRim, Report } from './mixing-rim.ts';
import { outputPayload } from './output-payload.ts';

export interface SelectorOptions {
  readonly settings: DesiredAudioSelector;
  readonly router: Router;
  readonly rim: MixingRim;
  readonly report: Report;
}

const opus = { codec: 'opus', sampleRate: 48_000, channelNum: 2 } as const;
const header = new RtpHeader();

/** One output: a source of its own that carries one input after the other. */
class Carried {
  readonly source: Source;
  track: string | undefined;
  heard: HeardReport | undefined;

  constructor(source: Source) {
    this.source = source;
  }

  /** Packets keep their numbers and times: for the sinks each input is another stream. */
  carry({ sequence, timestamp, marker }: StoredPacket, sound: Uint8Array, nowMs: number): void {
    const packet = new Uint8Array(rtpHeaderBytes + sound.length);
    packet[0] = 0x80;
    packet[1] = (marker ? 0x80 : 0) | this.source.payload.type;
    writeUint16(packet, 2, sequence);
    writeUint32(packet, 4, timestamp);
    writeUint32(packet, 8, this.source.ssrc ?? 0);
    packet.set(sound, rtpHeaderBytes);
    if (parseRtp(packet, header)) this.source.receive(packet, header, nowMs, false);
  }
}

type TakePacket = (input: Input, source: Source, packet: StoredPacket, nowMs: number) => void;

class Input implements TrackSink, PacketSink {
  readonly track: string;
  #source: Source | undefined;
  readonly #take: TakePacket;

  constructor(track: string, take: TakePacket) {
    this.track = track;
    this.#take = take;
  }

  get heard(): HeardReport | undefined {
    return this.#source?.heard;
  }

  select(source: Source): void {
    if (source === this.#source) return;
    this.#source?.remove(this);
    this.#source = source;
    source.add(this);
  }

  forward(source: Source, packet: StoredPacket, nowMs: number): void {
    this.#take(this, source, packet, nowMs);
  }

  awaits(): boolean {
    return false;
  }

  refresh(): void {
    // Its sinks go on by the numbers of the packets.
  }

  ended(source: Source): void {
    if (this.#source === source) this.#source = undefined;
  }

  close(): void {
    this.#source?.remove(this);
    this.#source = undefined;
  }
}

export class Selector {
  readonly #options: SelectorOptions;
  readonly #ranking = new AudioSelector();
  readonly #inputs = new Map<string, Input>();
  #outputs: readonly Carried[] = [];
  #settings: DesiredAudioSelector | undefined;

  constructor(options: SelectorOptions) {
    this.#options = options;
    this.update(options.settings);
  }

  /** Follows the document; the same again changes nothing. */
  update(settings: DesiredAudioSelector): void {
    if (JSON.stringify(settings) === JSON.stringify(this.#settings)) return;
    this.#settings = settings;
    const { router, rim } = this.#options;
    const nowMs = rim.clock.now();
    // What listens can take one format only, and Opus is everybody's.
    const inputs = settings.inputs.filter(({ format }) => format.codec === opus.codec);
    const wanted = new Set(inputs.map(({ track }) => track));
    for (const [track, input] of this.#inputs) if (!wanted.has(track)) this.#endInput(track, input);
    for (const track of wanted) {
      if (this.#inputs.has(track)) continue;
      const input = new Input(track, (from, source, packet, at) => {
        this.#take(from, source, packet, at);
      });
      this.#inputs.set(track, input);
      router.subscribe(track, input, nowMs);
    }
    this.#updateOutputs(settings.outputs, nowMs);
    this.#ranking.configure({ inputs, outputs: settings.outputs });
  }

  /** To be called every 50 ms or so. */
  tick(nowMs: number): void {
    const selected = this.#ranking.rank(nowMs);
    if (selected) this.#turn(selected);
    for (const output of this.#outputs) this.#relayReport(output);
  }

  close(): void {
    for (const [track, input] of this.#inputs) this.#endInput(track, input);
    for (const { source } of this.#outputs) this.#options.router.unpublish(source);
    this.#outputs = [];
  }

  #endInput(track: string, input: Input): void {
    this.#inputs.delete(track);
    this.#options.router.unsubscribe(track, input);
    input.close();
  }

  #updateOutputs(tracks: readonly string[], nowMs: number): void {
    const { router } = this.#options;
    const before = new Map(this.#outputs.map((output) => [output.source.track, output]));
    this.#outputs = tracks.flatMap((track) => {
      const known = before.get(track);
      before.delete(track);
      if (known) return known;
      const source = this.#newSource(track);
      return source ? new Carried(source) : [];
    });
    for (const { source } of before.values()) router.unpublish(source);
    for (const { source } of this.#outputs) router.publish(source, nowMs);
  }

  #newSource(track: string): Source | undefined {
    const payload = outputPayload(opus);
    if (!payload) return undefined;
    const source = new Source({
      track,
      kind: 'audio',
      rid: undefined,
      payload,
      redType: undefined,
      feedback: { nack: () => undefined, pli: () => undefined },
      resized: () => undefined,
    });
    source.bind(this.#options.rim.random32());
    return source;
  }

  #turn(selected: readonly Selected[]): void {
    for (const [index, output] of this.#outputs.entries()) {
      const track = selected[index]?.input?.track;
      if (track === output.track) continue;
      output.track = track;
      output.heard = undefined;
      output.source.bind(this.#options.rim.random32());
    }
    const { report, settings } = this.#options;
    const inputs = selected.map(({ input, volume }) => ({
      ...(input ? { stream: input.stream } : {}),
      volume,
    }));
    report([{ type: 'selected', mixer: settings.id, inputs }]);
  }

  #take(input: Input, source: Source, packet: StoredPacket, nowMs: number): void {
    const { bytes, payload } = packet;
    if (source.audioLevelId !== undefined && parseRtp(bytes, header)) {
      const level = readAudioLevel(bytes, header, source.audioLevelId);
      this.#ranking.heard(input.track, level < 0 ? undefined : -(level & 0x7f), nowMs);
    }
    const sound = (bytes[1] ?? 0) % 128 === source.redType ? newest(payload, source.payload.type) : payload;
    if (sound === undefined || sound.length === 0) return;
    for (const output of this.#outputs) {
      if (output.track === input.track) output.carry(packet, sound, nowMs);
    }
  }

  #relayReport(output: Carried): void {
    const heard = this.#inputs.get(output.track ?? '')?.heard;
    if (!heard || heard === output.heard) return;
    output.heard = heard;
    output.source.senderReport({ ...heard.report, ssrc: output.source.ssrc ?? 0 }, heard.receivedMs);
  }
}

/** The newest block of redundant audio (RFC 2198), where it is of this type. */
function newest(payload: Uint8Array, type: number): Uint8Array | undefined {
  const primary = unwrapRed(payload, 0, payload.length)?.primary;
  return primary?.payloadType === type ? payload.subarray(primary.offset, primary.end) : undefined;
}
