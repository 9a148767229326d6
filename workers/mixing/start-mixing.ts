// Owns starting the mixing of a worker process: the codec modules, compiled once, the threads that get them, and the
// processes in which devices are used.
import { compiledModule } from './compiled-module.ts';
import { createMixNode, type MixNode, type MixNodeOptions } from './node.ts';
import { workerProcesses } from './worker-process.ts';
import { workerThreads } from './worker-thread.ts';

export interface StartMixingOptions extends Omit<MixNodeOptions, 'startThread' | 'startApart'> {
  /** The bundled thread.ts. */
  readonly program: URL;
  /** The bundled process.ts; without it devices are used in threads. */
  readonly processProgram?: URL;
  /** Where the native addon was built; without it where it is looked for. */
  readonly nativeFolder?: string;
  /** Threads may be told to stand still, for tests. */
  readonly wedgeable?: boolean;
}

/** Rejects with the command that remedies it when the codec modules cannot be loaded. */
export async function startMixing({
  program,
  processProgram,
  nativeFolder = process.env.SLUICE_NATIVE_DIR,
  wedgeable = false,
  ...options
}: StartMixingOptions): Promise<MixNode> {
  const [video, audio] = await Promise.all([compiledModule('video'), compiledModule('audio')]);
  const usesAddon = options.engines?.some(({ id }) => id !== 'wasm') === true;
  const data = { ...(nativeFolder === undefined ? {} : { nativeFolder }), usesAddon, wedgeable };
  const hasDevice = options.engines?.some(({ device }) => device !== undefined) === true;
  return createMixNode({
    ...options,
    startThread: workerThreads(program, { modules: { video, audio }, ...data }),
    ...(hasDevice && processProgram && { startApart: workerProcesses(processProgram, data) }),
  });
}
