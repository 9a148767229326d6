// Owns the hash slot of a key or sharded channel (Redis Cluster specification, "Key distribution model").
const slots = 16_384;

/** CRC16 (XMODEM) of the text between the first braces, or of the whole key when there is none between them. */
export function slotOf(key: string): number {
  const open = key.indexOf('{');
  const close = open < 0 ? -1 : key.indexOf('}', open + 1);
  return crc16(new TextEncoder().encode(close > open + 1 ? key.slice(open + 1, close) : key)) % slots;
}

function crc16(bytes: Uint8Array): number {
  let crc = 0;
  for (const byte of bytes) {
    crc ^= byte << 8;
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 0x8000 ? (crc << 1) ^ 0x1021 : crc << 1;
    crc &= 0xffff;
  }
  return crc;
}
