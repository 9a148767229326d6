// Owns RTP packets for tests, written byte by byte so that no code under test makes them.

/** One-byte extension elements by id. */
export type Elements = Readonly<Record<number, string | Uint8Array>>;

export interface TestPacket {
  readonly type: number;
  readonly ssrc: number;
  readonly sequence: number;
  readonly timestamp: number;
  readonly marker?: boolean;
  readonly elements?: Elements;
  readonly payload: Uint8Array;
}

export function rtpPacket(packet: TestPacket): Buffer {
  const head = Buffer.alloc(12);
  head[0] = packet.elements ? 0x90 : 0x80;
  head[1] = (packet.marker === false ? 0 : 0x80) | packet.type;
  head.writeUInt16BE(packet.sequence & 0xffff, 2);
  head.writeUInt32BE(packet.timestamp >>> 0, 4);
  head.writeUInt32BE(packet.ssrc, 8);
  return Buffer.concat([head, packet.elements ? block(packet.elements) : Buffer.alloc(0), packet.payload]);
}

function block(elements: Elements): Buffer {
  const parts = Object.entries(elements).flatMap(([id, value]) => {
    const bytes = Buffer.from(value);
    return [Buffer.from([(Number(id) << 4) | (bytes.length - 1)]), bytes];
  });
  const body = Buffer.concat(parts);
  const padded = Buffer.alloc((body.length + 3) & ~3);
  body.copy(padded);
  const head = Buffer.from([0xbe, 0xde, 0, padded.length / 4]);
  return Buffer.concat([head, padded]);
}

/** A VP8 frame in one packet: descriptor with 15-bit picture id, then a key frame's header with its size, or a delta. */
export function vp8Payload(key: boolean, pictureId = 1, width = 640, height = 480): Buffer {
  const descriptor = [0x90, 0x80, 0x80 | (pictureId >> 8), pictureId & 0xff];
  const frame = key
    ? [0x10, 0, 0, 0x9d, 0x01, 0x2a, width & 0xff, width >> 8, height & 0xff, height >> 8]
    : [0x11, 0, 0, 1, 2, 3];
  return Buffer.from([...descriptor, ...frame]);
}
