// Owns PCMU: ITU-T G.711 µ-law. One byte holds one sample; 14 bits of magnitude in eight segments.

/** 16-bit samples to bytes. */
export function encodePcmu(samples: Int16Array): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(samples, toByte);
}

/** Bytes to 16-bit samples. */
export function decodePcmu(bytes: Uint8Array): Int16Array<ArrayBuffer> {
  return Int16Array.from(bytes, (byte) => table[byte] ?? 0);
}

/** Added before the segment is looked for, so that segments double evenly (G.711, table 2). */
const bias = 0x84;
const loudest = 32_635;

function toByte(sample: number): number {
  const sign = sample < 0 ? 0x80 : 0;
  // One's complement: −1 belongs to the first step below zero.
  const magnitude = Math.min(sample < 0 ? ~sample : sample, loudest) + bias;
  const segment = 24 - Math.clz32(magnitude);
  const step = (magnitude >> (segment + 3)) & 0x0f;
  // All bits are sent inverted.
  return ~(sign | (segment << 4) | step) & 0xff;
}

const table = Int16Array.from({ length: 256 }, (_, byte) => {
  const code = ~byte & 0xff;
  const segment = (code >> 4) & 7;
  const magnitude = ((((code & 0x0f) << 3) + bias) << segment) - bias;
  return code & 0x80 ? -magnitude : magnitude;
});
