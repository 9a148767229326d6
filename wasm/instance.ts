// Owns one running module: its functions under their names, and typed views of its memory that stay right when the
// memory grows. Not what the functions mean.

/** C functions; every argument and result is a number (a pointer, an integer or a float). */
export type Functions<Name extends string> = Readonly<Record<Name, (...args: number[]) => number>>;

export class Instance<Name extends string> {
  readonly call: Functions<Name>;
  readonly #memory: WebAssembly.Memory;
  #bytes: Uint8Array<ArrayBuffer> = new Uint8Array();
  #shorts: Int16Array<ArrayBuffer> = new Int16Array();
  #integers: Int32Array<ArrayBuffer> = new Int32Array();
  #floats: Float32Array<ArrayBuffer> = new Float32Array();

  constructor(call: Functions<Name>, memory: WebAssembly.Memory) {
    this.call = call;
    this.#memory = memory;
  }

  /** Size of the memory; it never shrinks. */
  get memoryBytes(): number {
    return this.#memory.buffer.byteLength;
  }

  /** All memory as bytes. Take it anew after every call: growth leaves old views empty. */
  get bytes(): Uint8Array<ArrayBuffer> {
    this.#renew();
    return this.#bytes;
  }

  get shorts(): Int16Array<ArrayBuffer> {
    this.#renew();
    return this.#shorts;
  }

  get integers(): Int32Array<ArrayBuffer> {
    this.#renew();
    return this.#integers;
  }

  get floats(): Float32Array<ArrayBuffer> {
    this.#renew();
    return this.#floats;
  }

  /** `count` floats at `pointer`; the view is valid until the next call into the module. */
  floatsAt(pointer: number, count: number): Float32Array<ArrayBuffer> {
    return this.floats.subarray(pointer / 4, pointer / 4 + count);
  }

  /** A copy of `count` bytes at `pointer`, which the caller owns. */
  copyBytes(pointer: number, count: number): Uint8Array<ArrayBuffer> {
    return this.bytes.slice(pointer, pointer + count);
  }

  #renew(): void {
    const { buffer } = this.#memory;
    if (this.#bytes.buffer === buffer) return;
    this.#bytes = new Uint8Array(buffer);
    this.#shorts = new Int16Array(buffer);
    this.#integers = new Int32Array(buffer);
    this.#floats = new Float32Array(buffer);
  }
}
