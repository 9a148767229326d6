// Owns NTP time as RTCP carries it (RFC 3550 §4). Wall clock time in, milliseconds since 1970.
const secondsFrom1900 = 2_208_988_800;
const fraction = 0x100000000;

/** Upper 32 bits of the NTP timestamp: seconds since 1900, mod 2^32. */
export function ntpHigh(wallMs: number): number {
  return (Math.floor(wallMs / 1000) + secondsFrom1900) % fraction;
}

/** Lower 32 bits of the NTP timestamp: fraction of a second. */
export function ntpLow(wallMs: number): number {
  const rest = wallMs / 1000 - Math.floor(wallMs / 1000);
  return Math.floor(rest * fraction) >>> 0;
}

/** The middle 32 bits, 1/65536 s, as LSR and LRR use them. */
export function compactNtp(high: number, low: number): number {
  return (((high & 0xffff) << 16) | (low >>> 16)) >>> 0;
}

/** Compact NTP of a wall clock time. */
export function compactNtpOf(wallMs: number): number {
  return compactNtp(ntpHigh(wallMs), ntpLow(wallMs));
}

/** Milliseconds since 1970 of an NTP timestamp, in the era (1900 or 2036) that is nearer to now. */
export function ntpToWallMs(high: number, low: number): number {
  const seconds = high < 0x80000000 ? high + fraction : high;
  return (seconds - secondsFrom1900) * 1000 + (low / fraction) * 1000;
}

/** A duration in compact NTP units (1/65536 s) as milliseconds. */
export function compactToMs(units: number): number {
  return (units * 1000) / 65536;
}

/** A duration in milliseconds as compact NTP units, kept to 32 bits. */
export function msToCompact(ms: number): number {
  return Math.min(0xffffffff, Math.max(0, Math.round((ms * 65536) / 1000)));
}
