// Owns PCMA: ITU-T G.711 A-law. One byte holds one sample; 13 bits of magnitude in eight segments.

/** 16-bit samples to bytes. */
export function encodePcma(samples: Int16Array): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(samples, toByte);
}

/** Bytes to 16-bit samples. */
export function decodePcma(bytes: Uint8Array): Int16Array<ArrayBuffer> {
  return Int16Array.from(bytes, (byte) => table[byte] ?? 0);
}

/** Every other bit is sent inverted (G.711, table 1). */
const alternate = 0x55;

function toByte(sample: number): number {
  const sign = sample < 0 ? 0 : 0x80;
  // One's complement: −1 belongs to the first step below zero.
  const magnitude = (sample < 0 ? ~sample : sample) >> 4;
  const segment = magnitude < 32 ? magnitude >> 4 : 28 - Math.clz32(magnitude);
  const step = (segment < 2 ? magnitude : magnitude >> (segment - 1)) & 0x0f;
  return (sign | (segment << 4) | step) ^ alternate;
}

const table = Int16Array.from({ length: 256 }, (_, byte) => {
  const code = byte ^ alternate;
  const segment = (code >> 4) & 7;
  const step = ((code & 0x0f) << 4) + 8;
  const magnitude = segment === 0 ? step : (step + 0x100) << (segment - 1);
  return code & 0x80 ? magnitude : -magnitude;
});
