// Owns compiling the built codec modules.
import { readModule, type ModuleName } from '../../wasm/locate.ts';

/** Rejects with the command that remedies it when it was not built. */
export async function compiledModule(name: ModuleName): Promise<WebAssembly.Module> {
  return WebAssembly.compile(await readModule(name));
}
