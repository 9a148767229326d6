// Owns the check of MessagePack bytes before they are decoded: a few bytes can claim huge or deep values, so lengths,
// depth and count are bounded first. What the values mean is checked after decoding.

export interface ScanLimits {
  readonly maxDepth: number;
  readonly maxValues: number;
}

/**
 * Why these bytes are not one plain MessagePack value (nil, booleans, finite numbers, strings, arrays, maps) within the limits;
 * undefined when they are. Binary, extension types and trailing bytes are refused.
 */
export function scanMessagePack(bytes: Uint8Array, { maxDepth, maxValues }: ScanLimits): string | undefined {
  /** Values still to come on each level above the current one. */
  const above: number[] = [];
  let remaining = 1;
  let values = 0;
  let position = 0;
  // Every value takes a byte at least, so what is claimed and not there ends the walk.
  while (true) {
    while (remaining === 0) {
      const outer = above.pop();
      if (outer === undefined) return position === bytes.length ? undefined : 'trailing bytes';
      remaining = outer;
    }
    remaining -= 1;
    values += 1;
    if (values > maxValues) return 'too many values';
    const head = bytes[position];
    if (head === undefined) return 'truncated';
    const form = formOf(head);
    if (form === undefined) return 'type not allowed';
    position += 1;
    const count = form.lengthBytes === 0 ? form.count : unsigned(bytes, position, form.lengthBytes);
    position += form.lengthBytes;
    if (form.holds === 'bytes') {
      if (isNoNumber(head, bytes, position)) return 'not a finite number';
      position += count;
      if (position > bytes.length) return 'truncated';
      continue;
    }
    const children = form.holds === 'pairs' ? count * 2 : count;
    if (above.length >= maxDepth) return 'too deep';
    above.push(remaining);
    remaining = children;
  }
}

interface Form {
  readonly holds: 'bytes' | 'items' | 'pairs';
  /** Size of the length that follows the head; 0 when `count` says it. */
  readonly lengthBytes: number;
  readonly count: number;
}

const forms: readonly (Form | undefined)[] = Array.from({ length: 256 }, (_, head) => {
  if (head < 0x80 || head >= 0xe0) return fixed('bytes', 0);
  if (head < 0x90) return fixed('pairs', head & 15);
  if (head < 0xa0) return fixed('items', head & 15);
  if (head < 0xc0) return fixed('bytes', head & 31);
  switch (head) {
    case 0xc0: // nil
    case 0xc2: // false
    case 0xc3: // true
      return fixed('bytes', 0);
    case 0xcc: // uint 8
    case 0xd0: // int 8
      return fixed('bytes', 1);
    case 0xcd:
    case 0xd1:
      return fixed('bytes', 2);
    case 0xca: // float 32
    case 0xce:
    case 0xd2:
      return fixed('bytes', 4);
    case 0xcb: // float 64
    case 0xcf:
    case 0xd3:
      return fixed('bytes', 8);
    case 0xd9: // str 8, 16, 32
      return counted('bytes', 1);
    case 0xda:
      return counted('bytes', 2);
    case 0xdb:
      return counted('bytes', 4);
    case 0xdc: // array 16, 32
      return counted('items', 2);
    case 0xdd:
      return counted('items', 4);
    case 0xde: // map 16, 32
      return counted('pairs', 2);
    case 0xdf:
      return counted('pairs', 4);
    default: // binary, extensions, and 0xc1 which means nothing
      return undefined;
  }
});

function formOf(head: number): Form | undefined {
  return forms[head];
}

function fixed(holds: Form['holds'], count: number): Form {
  return { holds, lengthBytes: 0, count };
}

function counted(holds: Form['holds'], lengthBytes: number): Form {
  return { holds, lengthBytes, count: 0 };
}

/** Infinity or not a number: a float with all bits of its exponent set. JSON, in which rooms are kept, has neither. */
function isNoNumber(head: number, bytes: Uint8Array, position: number): boolean {
  if (head !== 0xca && head !== 0xcb) return false;
  const exponentEnd = head === 0xca ? 0x80 : 0xf0;
  const [first = 0, second = 0] = [bytes[position], bytes[position + 1]];
  return (first & 0x7f) === 0x7f && (second & exponentEnd) === exponentEnd;
}

/** Big endian; bytes beyond the end count as 0, the caller sees the end itself. */
function unsigned(bytes: Uint8Array, position: number, length: number): number {
  let value = 0;
  for (let index = 0; index < length; index++) value = value * 256 + (bytes[position + index] ?? 0);
  return value;
}
