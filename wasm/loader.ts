// Owns starting a module: from bytes, or from a compiled module that another thread sent. The same on Node and Deno; no
// emscripten JavaScript. Not where the files are (locate.ts) and not which functions there are (video.ts, audio.ts).
import { type Callbacks, importsFor } from './imports.ts';
import { type Functions, Instance } from './instance.ts';

/** A compiled module may be posted to worker threads, which saves compiling it again. */
export type ModuleSource = WebAssembly.Module | Uint8Array;

/**
 * Starts `source` and gives its functions `names`. Rejects when the bytes are no module, when it asks for imports that
 * are not known, or when a function is missing. A `WebAssembly.RuntimeError` out of a later call means that the memory
 * of this instance is no longer sound: drop it with everything in it.
 */
export async function instantiate<Name extends string>(
  source: ModuleSource,
  names: readonly Name[],
): Promise<Instance<Name>> {
  const module = source instanceof Uint8Array ? await WebAssembly.compile(source) : source;
  const started: { callbacks?: Callbacks } = {};
  const imports = importsFor(module, () => {
    if (started.callbacks === undefined) throw new Error('the module called before it was ready');
    return started.callbacks;
  });
  const { exports } = await WebAssembly.instantiate(module, imports);
  const callbacks = callbacksOf(exports);
  started.callbacks = callbacks;
  if (!hasFunctions(exports, names)) {
    const missing = names.find((name) => typeof exports[name] !== 'function');
    throw new Error(`the module has no function ${missing}: run npm run build:wasm`);
  }
  if (hasFunctions(exports, ['_initialize'])) exports._initialize();
  return new Instance(exports, callbacks.memory);
}

function callbacksOf(exports: Readonly<Record<string, unknown>>): Callbacks {
  const { memory, __indirect_function_table: table } = exports;
  if (
    !(memory instanceof WebAssembly.Memory) ||
    !(table instanceof WebAssembly.Table) ||
    !hasFunctions(exports, ['stackSave', 'stackRestore', 'setThrew'])
  ) {
    throw new Error('this is none of our modules');
  }
  const { stackSave, stackRestore, setThrew } = exports;
  return { memory, table, stackSave, stackRestore, setThrew };
}

function hasFunctions<Name extends string>(
  exports: Readonly<Record<string, unknown>>,
  names: readonly Name[],
): exports is Functions<Name> {
  return names.every((name) => typeof exports[name] === 'function');
}
