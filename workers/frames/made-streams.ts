// Owns frames and packets made for tests of this folder. Nothing else imports it but tests and fuzz targets.
import { joinAnnexB } from './annex-b.ts';
import { leb128, temporalDelimiter } from './av1-obu.ts';
import { joinParts } from './frame-payloads.ts';
import type { MediaPacket } from './media-packet.ts';
import { packetizeAv1 } from './packetize-av1.ts';
import { packetizeH264 } from './packetize-h264.ts';
import { packetizeH265 } from './packetize-h265.ts';
import { Vp8Packetizer } from './packetize-vp8.ts';
import { Vp9Packetizer } from './packetize-vp9.ts';
import { withHead, type RtpPayload } from './rtp-payload.ts';
import type { DecodedCodec } from './video-depacketizers.ts';

/** `length` bytes of noise that cannot be taken for a start code. */
export function noise(random: () => number, length: number): Uint8Array {
  return Uint8Array.from({ length }, () => 1 + Math.floor(random() * 255));
}

/** The packets of one frame with these payloads, over the wrap of sequence numbers, the last one marked. */
export function mediaPackets(payloads: readonly (readonly number[])[]): MediaPacket[] {
  return payloads.map((payload, at) => ({
    ssrc: 1,
    sequence: (65535 + at) & 0xffff,
    timestamp: 9,
    marker: at === payloads.length - 1,
    payload: Uint8Array.from(payload),
  }));
}

/**
 * An access unit that looks like the codec's, of about `bytes`. Others than VP8 and VP9: key frames with parameter
 * sets or a sequence header, then `slices` slices or groups of tiles.
 */
export function madeFrame(
  codec: DecodedCodec,
  key: boolean,
  bytes: number,
  random: () => number,
  slices = 1,
): Uint8Array {
  const body = noise(random, Math.max(2, bytes));
  if (codec === 'vp8') {
    body[0] = key ? 0x10 : 0x11;
    return body;
  }
  if (codec === 'vp9') {
    body[0] = key ? 0x82 : 0x86;
    return body;
  }
  const parts = Array.from({ length: slices }, (_, slice) =>
    body.slice((slice * body.length) / slices, ((slice + 1) * body.length) / slices),
  );
  if (codec === 'av1') return madeTemporalUnit(key, parts, random);
  parts.forEach((part, slice) => (part[0] = slice === 0 ? 0x88 : 0x44));
  if (codec === 'h264') {
    const sets = key ? [withHead([0x67], noise(random, 10)), withHead([0x68], noise(random, 4))] : [];
    return joinAnnexB([...sets, ...parts.map((part) => withHead([key ? 0x65 : 0x41], part))]);
  }
  const sets = key ? [0x40, 0x42, 0x44].map((header) => withHead([header, 1], noise(random, 8))) : [];
  return joinAnnexB([...sets, ...parts.map((part) => withHead([key ? 0x26 : 0x02, 1], part))]);
}

function madeTemporalUnit(key: boolean, parts: readonly Uint8Array[], random: () => number): Uint8Array {
  const units: Uint8Array[] = [temporalDelimiter];
  if (key) units.push(obu(0x0a, withHead([0], noise(random, 9))));
  parts.forEach((part, group) => {
    if (group === 0) part[0] = key ? 0x10 : 0x30;
    units.push(obu(group === 0 ? 0x32 : 0x22, part));
  });
  return joinParts(units);
}

function obu(header: number, content: Uint8Array): Uint8Array {
  return withHead([header, ...leb128(content.length)], content);
}

/** Sends frames of one codec as packets with running numbers. */
export class MadeSender {
  readonly codec: DecodedCodec;
  readonly ssrc: number;
  sequence: number;
  timestamp: number;
  readonly #maxBytes: number;
  readonly #vp8 = new Vp8Packetizer(0x7ffe, 254);
  readonly #vp9 = new Vp9Packetizer(0x7ffe, 254);

  constructor(
    codec: DecodedCodec,
    at: { ssrc?: number; sequence?: number; timestamp?: number; maxBytes?: number } = {},
  ) {
    this.codec = codec;
    this.ssrc = at.ssrc ?? 7;
    this.sequence = at.sequence ?? 0xfff8;
    this.timestamp = at.timestamp ?? 0xffffe000;
    this.#maxBytes = at.maxBytes ?? 200;
  }

  /** The packets of one frame; the next one's timestamp is `ticks` later. */
  send(frame: Uint8Array, key: boolean, ticks = 3000): readonly MediaPacket[] {
    const packets = this.#payloads(frame, key).map(({ payload, marker }) => this.#packet(payload, marker));
    this.timestamp = (this.timestamp + ticks) >>> 0;
    return packets;
  }

  /** A packet of padding only, as probing for bandwidth sends it. */
  padding(): MediaPacket {
    return this.#packet(new Uint8Array(0), false);
  }

  #packet(payload: Uint8Array, marker: boolean): MediaPacket {
    const { ssrc, sequence, timestamp } = this;
    this.sequence = (sequence + 1) & 0xffff;
    return { ssrc, sequence, timestamp, marker, payload };
  }

  #payloads(frame: Uint8Array, key: boolean): readonly RtpPayload[] {
    switch (this.codec) {
      case 'vp8':
        return this.#vp8.packetize(frame, this.#maxBytes);
      case 'vp9':
        return this.#vp9.packetize(frame, key, this.#maxBytes);
      case 'h264':
        return packetizeH264(frame, 1, this.#maxBytes) ?? [];
      case 'h265':
        return packetizeH265(frame, this.#maxBytes);
      case 'av1':
        return packetizeAv1(frame, this.#maxBytes);
    }
  }
}
