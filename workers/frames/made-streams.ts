// Owns frames and packets made for tests of this folder. Nothing else imports it but tests and fuzz targets.
import { joinAnnexB } from './h264-nal.ts';
import type { MediaPacket } from './media-packet.ts';
import { packetizeH264 } from './packetize-h264.ts';
import { Vp8Packetizer } from './packetize-vp8.ts';
import { Vp9Packetizer } from './packetize-vp9.ts';
import { withHead, type RtpPayload } from './rtp-payload.ts';
import type { DecodedCodec } from './video-depacketizers.ts';

/** `length` bytes of noise that cannot be taken for a start code. */
export function noise(random: () => number, length: number): Uint8Array {
  return Uint8Array.from({ length }, () => 1 + Math.floor(random() * 255));
}

/** An access unit that looks like the codec's, of about `bytes`. H.264: with parameter sets, then `slices` slices. */
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
  const units = key ? [unit(0x67, noise(random, 10)), unit(0x68, noise(random, 4))] : [];
  for (let slice = 0; slice < slices; slice++) {
    const part = body.slice((slice * body.length) / slices, ((slice + 1) * body.length) / slices);
    part[0] = slice === 0 ? 0x88 : 0x44;
    units.push(unit(key ? 0x65 : 0x41, part));
  }
  return joinAnnexB(units);
}

function unit(header: number, body: Uint8Array): Uint8Array {
  return withHead([header], body);
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
    }
  }
}
