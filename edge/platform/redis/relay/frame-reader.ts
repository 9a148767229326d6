// Owns the cutting of a stream of bytes into whole messages of the Redis protocol (RESP2, redis.io "Redis serialization
// protocol specification"). What the messages say is for others; their bytes are handed on as they came.

export interface FrameLimits {
  /** A request beyond it is a fault; a reply beyond it is read past and told as too large. */
  readonly maxFrameBytes: number;
  /** Values in one message, nested ones included. */
  readonly maxValues: number;
}

/** `bytes` may be a view of the chunk that was pushed. */
export type Frame = { readonly type: 'whole'; readonly bytes: Buffer } | { readonly type: 'too-large' };

/** The other side does not speak the protocol: nothing after that can be understood. */
export class ProtocolError extends Error {}

const maxLineBytes = 65_536;
const lf = 0x0a;
const cr = 0x0d;
const types = { simple: 0x2b, error: 0x2d, integer: 0x3a, bulk: 0x24, array: 0x2a } as const;

/**
 * Reads `requests` (arrays of at least one bulk string, nothing else: whatever is accepted here, Redis reads the same way) or
 * `replies` (any RESP2 value).
 */
export class FrameReader {
  readonly #requests: boolean;
  readonly #limits: FrameLimits;
  /** Values of the present message that are still to come; 0 between messages. */
  #open = 0;
  #values = 0;
  /** Bytes of a bulk string still to come, without its line end. */
  #payload = 0;
  /** A bulk string is over but for its line end. */
  #lineEndDue = false;
  /** The beginning of a line that is not whole yet. */
  #line = Buffer.alloc(0);
  /** The beginning of the present message, from earlier chunks, in a buffer that grows. */
  #held = Buffer.alloc(0);
  #heldBytes = 0;
  #tooLarge = false;

  constructor(form: 'requests' | 'replies', limits: FrameLimits) {
    this.#requests = form === 'requests';
    this.#limits = limits;
  }

  /** The messages that end in `chunk`, in order. Throws ProtocolError; after that the reader is of no use. */
  push(chunk: Buffer): Frame[] {
    const frames: Frame[] = [];
    let begin = 0;
    let at = 0;
    while (at < chunk.length) {
      if (this.#payload > 0) {
        const step = Math.min(this.#payload, chunk.length - at);
        at += step;
        this.#payload -= step;
        this.#lineEndDue = this.#payload === 0;
        continue;
      }
      const end = chunk.indexOf(lf, at);
      if (end < 0) {
        this.#keepLine(chunk.subarray(at));
        break;
      }
      this.#readLine(this.#wholeLine(chunk.subarray(at, end + 1)));
      at = end + 1;
      if (this.#open > 0) continue;
      frames.push(this.#take(chunk.subarray(begin, at)));
      begin = at;
    }
    if (begin < chunk.length) this.#hold(chunk.subarray(begin));
    return frames;
  }

  #keepLine(bytes: Buffer): void {
    if (this.#line.length + bytes.length > maxLineBytes) throw new ProtocolError('a line is too long');
    this.#line = Buffer.concat([this.#line, bytes]);
  }

  #wholeLine(end: Buffer): Buffer {
    if (this.#line.length === 0) return end;
    const line = Buffer.concat([this.#line, end]);
    this.#line = Buffer.alloc(0);
    return line;
  }

  /** `line` ends with a line feed. */
  #readLine(line: Buffer): void {
    if (line.length > maxLineBytes) throw new ProtocolError('a line is too long');
    if (line[line.length - 2] !== cr) throw new ProtocolError('a line does not end with CR LF');
    if (this.#lineEndDue) {
      if (line.length !== 2) throw new ProtocolError('a string is longer than it says');
      this.#lineEndDue = false;
      this.#open -= 1;
      return;
    }
    const [type] = line;
    if (this.#open === 0) {
      this.#values = 0;
      this.#open = 1;
      if (this.#requests) {
        if (type !== types.array || this.#length(line) < 1) throw new ProtocolError('not a request');
      }
    } else if (this.#requests && type !== types.bulk) throw new ProtocolError('not a request');
    this.#readHeader(type, line);
  }

  #readHeader(type: number | undefined, line: Buffer): void {
    switch (type) {
      case types.simple:
      case types.error:
      case types.integer:
        this.#open -= 1;
        return;
      case types.bulk: {
        const length = this.#length(line);
        if (length < 0) {
          if (this.#requests) throw new ProtocolError('not a request');
          this.#open -= 1;
          return;
        }
        if (this.#requests && length > this.#limits.maxFrameBytes) throw new ProtocolError('too large');
        this.#payload = length;
        this.#lineEndDue = length === 0;
        return;
      }
      case types.array: {
        const count = Math.max(0, this.#length(line));
        this.#values += count;
        if (this.#values > this.#limits.maxValues) throw new ProtocolError('too many values');
        this.#open += count - 1;
        return;
      }
      default:
        throw new ProtocolError('an unknown type');
    }
  }

  /** The number of a header: only in the form that Redis writes, which nobody reads differently. */
  #length(line: Buffer): number {
    const text = line.toString('latin1', 1, line.length - 2);
    if (!/^(?:0|-1|[1-9]\d{0,9})$/.test(text)) throw new ProtocolError('a length is no number');
    return Number(text);
  }

  #hold(bytes: Buffer): void {
    const size = this.#heldBytes + bytes.length;
    if (size > this.#limits.maxFrameBytes) {
      if (this.#requests) throw new ProtocolError('too large');
      this.#tooLarge = true;
      this.#held = Buffer.alloc(0);
    } else if (size > this.#held.length) {
      const grown = Buffer.allocUnsafe(
        Math.min(this.#limits.maxFrameBytes, Math.max(size, 2 * this.#held.length)),
      );
      this.#held.copy(grown, 0, 0, this.#heldBytes);
      this.#held = grown;
    }
    if (!this.#tooLarge) bytes.copy(this.#held, this.#heldBytes);
    this.#heldBytes = size;
  }

  #take(end: Buffer): Frame {
    const whole = this.#heldBytes === 0 && end.length <= this.#limits.maxFrameBytes;
    if (whole) return { type: 'whole', bytes: end };
    this.#hold(end);
    const frame: Frame = this.#tooLarge
      ? { type: 'too-large' }
      : { type: 'whole', bytes: this.#held.subarray(0, this.#heldBytes) };
    this.#held = Buffer.alloc(0);
    this.#heldBytes = 0;
    this.#tooLarge = false;
    return frame;
  }
}
