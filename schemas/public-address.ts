// Owns which network addresses are public: whoever connects to a URL that somebody else gave asks here about each address
// its host resolves to, so that nobody reaches into the server's own network through it. It resolves nothing.

/** Special-purpose IPv4 blocks that are not globally reachable (RFC 6890 and its registry), multicast and reserved. */
const notPublic4: readonly (readonly [base: string, bits: number])[] = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
];

/** Within 2000::/3, which is all of IPv6 that is given out: protocol assignments, documentation, 6to4. */
const notPublic6: readonly (readonly [base: string, bits: number])[] = [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
];

/** False for private, local, special and multicast addresses, and for whatever is no address in its usual form. */
export function isPublicAddress(address: string): boolean {
  const four = ipv4(address);
  if (four !== undefined) return isPublic4(four);
  const six = ipv6(address);
  if (six === undefined) return false;
  // Mapped (::ffff:0:0/96) and translated (64:ff9b::/96, RFC 6052) addresses lead to the IPv4 one they hold.
  if (within(six, '::ffff:0:0', 96) || within(six, '64:ff9b::', 96)) return isPublic4(six.slice(12));
  return within(six, '2000::', 3) && !notPublic6.some(([base, bits]) => within(six, base, bits));
}

function isPublic4(bytes: readonly number[]): boolean {
  return !notPublic4.some(([base, bits]) => sameBits(bytes, ipv4(base) ?? [], bits));
}

function within(bytes: readonly number[], base: string, bits: number): boolean {
  return sameBits(bytes, ipv6(base) ?? [], bits);
}

function sameBits(a: readonly number[], b: readonly number[], bits: number): boolean {
  for (let at = 0; at < bits; at += 8) {
    const kept = 0xff00 >> Math.min(8, bits - at);
    if ((((a[at / 8] ?? 0) ^ (b[at / 8] ?? 0)) & kept & 0xff) !== 0) return false;
  }
  return true;
}

/** Four bytes. Only dotted decimals without leading zeros: `010.0.0.1` is not the same to everybody. */
function ipv4(text: string): number[] | undefined {
  const parts = text.split('.');
  if (parts.length !== 4 || !parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part))) return undefined;
  const bytes = parts.map(Number);
  return bytes.every((byte) => byte <= 255) ? bytes : undefined;
}

/** Sixteen bytes (RFC 4291 §2.2), without a zone. */
function ipv6(text: string): number[] | undefined {
  const halves = text.split('::');
  const [head, tail] = halves.map(groups);
  if (head === undefined || halves.length > 2) return undefined;
  if (halves.length === 1) return head.length === 16 ? head : undefined;
  if (tail === undefined || head.length + tail.length > 14) return undefined;
  return [...head, ...Array.from({ length: 16 - head.length - tail.length }, () => 0), ...tail];
}

/** The bytes of groups between colons, the last of which may be an IPv4 address. */
function groups(text: string): number[] | undefined {
  if (text === '') return [];
  const parts = text.split(':');
  const bytes: number[] = [];
  for (const [index, part] of parts.entries()) {
    const four = index === parts.length - 1 ? ipv4(part) : undefined;
    if (four !== undefined) bytes.push(...four);
    else if (/^[0-9a-f]{1,4}$/i.test(part))
      bytes.push(Number.parseInt(part, 16) >> 8, Number.parseInt(part, 16) & 255);
    else return undefined;
  }
  return bytes.length <= 16 ? bytes : undefined;
}
