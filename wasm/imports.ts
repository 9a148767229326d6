// Owns what our modules may ask of JavaScript: a handful of system calls, and setjmp for libvpx. Everything else is
// refused before a module is started. (build/link.mjs asserts the same list, imports.json, at build time.)
import known from './imports.json' with { type: 'json' };

/** The exports that the imports call back into; known only once the module is there. */
export interface Callbacks {
  readonly memory: WebAssembly.Memory;
  readonly table: WebAssembly.Table;
  readonly stackSave: () => number;
  readonly stackRestore: (pointer: number) => unknown;
  readonly setThrew: (threw: number, value: number) => unknown;
}

type Imported = (...args: (number | bigint)[]) => unknown;

/** What longjmp throws; it never leaves an `invoke_` function. */
const longjmp = Symbol('longjmp');
const patterns = known.map((pattern) => new RegExp(`^${pattern}$`));

/** The import object for `module`. Throws when the module asks for anything that is not on the list. */
export function importsFor(
  module: WebAssembly.Module,
  callbacks: () => Callbacks,
): Record<string, Record<string, Imported>> {
  const given: Record<string, Imported> = { ...systemCalls(callbacks), ...jumps() };
  const imports: Record<string, Record<string, Imported>> = {};
  for (const { module: from, name } of WebAssembly.Module.imports(module)) {
    const import_ = name.startsWith('invoke_') ? invoke(callbacks) : given[name];
    if (import_ === undefined || !patterns.some((pattern) => pattern.test(`${from}.${name}`))) {
      throw new Error(`the module asks for ${from}.${name}, which is not given`);
    }
    (imports[from] ??= {})[name] = import_;
  }
  return imports;
}

function systemCalls(callbacks: () => Callbacks): Record<string, Imported> {
  const view = (): DataView => new DataView(callbacks().memory.buffer);
  const done = (): number => 0;
  return {
    emscripten_notify_memory_growth: done,
    clock_time_get(_clock, _precision, result) {
      view().setBigUint64(Number(result), BigInt(Math.round(performance.now() * 1e6)), true);
      return 0;
    },
    // Nobody reads what a codec says; it is told that all was written.
    fd_write(_file, vectors, count, result) {
      let bytes = 0;
      for (let i = 0; i < Number(count); i++) bytes += view().getUint32(Number(vectors) + 8 * i + 4, true);
      view().setUint32(Number(result), bytes, true);
      return 0;
    },
    fd_close: done,
    fd_seek: done,
    environ_get: done,
    environ_sizes_get(count, size) {
      view().setUint32(Number(count), 0, true);
      view().setUint32(Number(size), 0, true);
      return 0;
    },
    proc_exit(code) {
      throw new Error(`a codec gave up with ${code}`);
    },
  };
}

/** The upper half of a 64-bit result, and where a longjmp begins. */
function jumps(): Record<string, Imported> {
  let upperHalf: number | bigint = 0;
  return {
    setTempRet0(value = 0) {
      upperHalf = value;
    },
    getTempRet0: () => upperHalf,
    _emscripten_throw_longjmp() {
      // eslint-disable-next-line @typescript-eslint/only-throw-error -- no error: control flow of C
      throw longjmp;
    },
  };
}

/** Calls a C function that may longjmp, and lets the compiled code see that it did. */
function invoke(callbacks: () => Callbacks): Imported {
  return (index, ...args) => {
    const { table, stackSave, stackRestore, setThrew } = callbacks();
    const stack = stackSave();
    try {
      const target = table.get(Number(index));
      if (typeof target !== 'function') throw new Error('a codec called no function');
      const result: unknown = Reflect.apply(target, undefined, args);
      return result;
    } catch (error) {
      stackRestore(stack);
      if (error !== longjmp) throw error;
      setThrew(1, 0);
      return undefined;
    }
  };
}
