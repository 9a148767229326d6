// Owns how RTP packets travel to a mixing thread: many in one buffer, so that one message carries them all.

/** A packet for one line of one pipeline. */
export interface SlabPacket {
  readonly pipeline: number;
  readonly line: number;
  readonly arrivedMs: number;
  readonly bytes: Uint8Array;
}

const headBytes = 20;

/** Copies the packets into one buffer. */
export function writeSlab(packets: readonly SlabPacket[]): ArrayBuffer {
  let length = 0;
  for (const { bytes } of packets) length += headBytes + bytes.length;
  const slab = new ArrayBuffer(length);
  const view = new DataView(slab);
  const target = new Uint8Array(slab);
  let at = 0;
  for (const { pipeline, line, arrivedMs, bytes } of packets) {
    view.setUint32(at, pipeline);
    view.setUint32(at + 4, line);
    view.setFloat64(at + 8, arrivedMs);
    view.setUint32(at + 16, bytes.length);
    target.set(bytes, at + headBytes);
    at += headBytes + bytes.length;
  }
  return slab;
}

/** Calls `take` for each packet, in order; `bytes` is a view of the slab. */
export function readSlab(slab: ArrayBuffer, take: (packet: SlabPacket) => void): void {
  const view = new DataView(slab);
  for (let at = 0; at + headBytes <= slab.byteLength;) {
    const length = view.getUint32(at + 16);
    take({
      pipeline: view.getUint32(at),
      line: view.getUint32(at + 4),
      arrivedMs: view.getFloat64(at + 8),
      bytes: new Uint8Array(slab, at + headBytes, length),
    });
    at += headBytes + length;
  }
}
