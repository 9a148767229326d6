// Owns starting the mixing of a worker process: the codec modules, compiled once, and the threads that get them.
import { readModule, type ModuleName } from '../../wasm/locate.ts';
import { createMixNode, type MixNode, type MixNodeOptions } from './node.ts';
import { workerThreads } from './worker-thread.ts';

export interface StartMixingOptions extends Omit<MixNodeOptions, 'startThread'> {
  /** The bundled thread.ts. */
  readonly program: URL;
  /** Where the native addon was built; without it where it is looked for. */
  readonly nativeFolder?: string;
  /** Threads may be told to stand still, for tests. */
  readonly wedgeable?: boolean;
}

/** Rejects with the command that remedies it when the codec modules cannot be loaded. */
export async function startMixing({
  program,
  nativeFolder = process.env.SLUICE_NATIVE_DIR,
  wedgeable = false,
  ...options
}: StartMixingOptions): Promise<MixNode> {
  const [video, audio] = await Promise.all([compiled('video'), compiled('audio')]);
  const startThread = workerThreads(program, {
    modules: { video, audio },
    ...(nativeFolder === undefined ? {} : { nativeFolder }),
    wedgeable,
  });
  return createMixNode({ ...options, startThread });
}

async function compiled(name: ModuleName): Promise<WebAssembly.Module> {
  return WebAssembly.compile(await readModule(name));
}
