// Owns reading single bits and the variable-length codes of video headers. Past the end it reads zeros and says so.

export class BitReader {
  readonly #bytes: Uint8Array;
  readonly #end: number;
  readonly #emulationPrevention: boolean;
  #at: number;
  #bit = 0;
  #zeros = 0;
  #exhausted = false;

  /** Reads `bytes` from `start` to `end`; with `emulationPrevention` a 3 after two zero bytes is left out (H.264 §7.4.1). */
  constructor(bytes: Uint8Array, start: number, end: number, emulationPrevention = false) {
    this.#bytes = bytes;
    this.#at = start;
    this.#end = Math.min(end, bytes.length);
    this.#emulationPrevention = emulationPrevention;
  }

  /** True once a read went past the end: what was read is worthless. */
  get exhausted(): boolean {
    return this.#exhausted;
  }

  /** The next `count` bits, 0…32, as an unsigned number. */
  bits(count: number): number {
    let value = 0;
    for (let read = 0; read < count; read++) value = value * 2 + this.#next();
    return value;
  }

  flag(): boolean {
    return this.#next() === 1;
  }

  /** Unsigned Exp-Golomb code (H.264 §9.1); also AV1 uvlc. Codes over 32 bits count as exhaustion. */
  golomb(): number {
    let zeros = 0;
    while (this.#next() === 0) {
      zeros++;
      if (zeros > 31 || this.#exhausted) {
        this.#exhausted = true;
        return 0;
      }
    }
    return 2 ** zeros - 1 + this.bits(zeros);
  }

  /** Signed Exp-Golomb code. */
  signedGolomb(): number {
    const code = this.golomb();
    return code % 2 === 1 ? (code + 1) / 2 : -code / 2;
  }

  #next(): number {
    if (this.#bit === 0 && !this.#enterByte()) return 0;
    const bit = ((this.#bytes[this.#at] ?? 0) >> (7 - this.#bit)) & 1;
    this.#bit++;
    if (this.#bit === 8) {
      this.#bit = 0;
      this.#at++;
    }
    return bit;
  }

  #enterByte(): boolean {
    if (this.#emulationPrevention && this.#zeros >= 2 && this.#bytes[this.#at] === 3) {
      this.#at++;
      this.#zeros = 0;
    }
    if (this.#at >= this.#end) {
      this.#exhausted = true;
      return false;
    }
    this.#zeros = this.#bytes[this.#at] === 0 ? this.#zeros + 1 : 0;
    return true;
  }
}
