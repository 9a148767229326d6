// Owns simulated GPUs with the addon in a process that sees one, as tests use them: sessions as if they were here, faults,
// counts. The GPU itself is test/gpu.
import { type ChildProcess, execFileSync, fork } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, onTestFinished } from 'vitest';
import { type TestGpu, type TestGpuOptions, testGpu, whyNoTestGpu } from '../test/gpu/test-gpu.ts';
import type {
  NativeAddon,
  NativeCounters,
  NativeEngineId,
  NativeEvent,
  NativeProbe,
  NativeProgress,
  NativeSession,
  NativeSessionOptions,
} from './addon.ts';
import { loadAddon } from './load-addon.ts';
import type { GpuAnswer, GpuOrder, GpuReport } from './scripted-gpu-program.ts';

const root = join(import.meta.dirname, '..');
const program = join(root, `build/tools/scripted-gpu-${process.pid}.mjs`);

export type ScriptedGpuOptions = TestGpuOptions & { readonly env?: Readonly<Record<string, string>> };

function whyNot(): string | undefined {
  const { addon } = loadAddon();
  if (addon === undefined) return 'the native engine is not built';
  return addon.engines.includes('vaapi') ? whyNoTestGpu() : 'the native engine is built without devices';
}

/** A `describe` whose tests open GPUs; skipped, with a printed reason, where they or the addon are not built. */
export function describeGpu(name: string, tests: () => void): void {
  const reason = whyNot();
  if (reason !== undefined) console.warn(`skipped: ${name}: ${reason}`);
  describe.skipIf(reason !== undefined)(name, () => {
    beforeAll(() => {
      const args = ['deploy/bundle.mjs', 'native/scripted-gpu-program.ts', program];
      execFileSync(process.execPath, args, { cwd: root, stdio: 'inherit' });
    });
    afterAll(() => rmSync(program, { force: true }));
    tests();
  });
}

/** A GPU and a process with the addon that sees it, until the test ends. */
export async function openGpu(options: ScriptedGpuOptions = {}): Promise<ScriptedGpu> {
  const scripted = await startGpu(options);
  onTestFinished(() => scripted.close());
  return scripted;
}

/** The same, until it is closed. */
export async function startGpu(options: ScriptedGpuOptions = {}): Promise<ScriptedGpu> {
  const gpu = testGpu(options);
  // A sanitizer's runtime has to stay the first.
  const preload = [process.env.LD_PRELOAD, gpu.env.LD_PRELOAD].filter(Boolean).join(' ');
  const child = fork(program, {
    env: { ...process.env, ...gpu.env, LD_PRELOAD: preload, ...options.env },
    serialization: 'advanced',
    execArgv: [],
  });
  const scripted = new ScriptedGpu(gpu, child);
  await scripted.ready;
  return scripted;
}

/** What is known at once of a session in another process. Who watches for one that stands still sees it idle. */
const idle: NativeProgress = {
  ...{ state: 'open', waitingCommands: 0, waitingBytes: 0, refused: 0, done: 0, busyMs: 0 },
  ...{ decodeMs: 0, composeMs: 0, encodeMs: 0, tapMs: 0 },
};

/**
 * The addon of that process. Sessions are those of addon.ts, but for `progress`, which takes time from here: of it only
 * `waitingCommands` is told, a little late and never too few.
 */
export class ScriptedGpu implements Pick<NativeAddon, 'open'> {
  readonly gpu: TestGpu;
  readonly ready: Promise<void>;
  /** Of the process, when it has ended: code or signal. */
  readonly ended: Promise<number | string | null>;
  readonly #child: ChildProcess;
  readonly #deliver = new Map<number, (events: readonly NativeEvent[]) => void>();
  readonly #waiting = new Map<number, (answer: GpuAnswer) => void>();
  #sessions = 0;
  #asks = 0;

  constructor(gpu: TestGpu, child: ChildProcess) {
    this.gpu = gpu;
    this.#child = child;
    this.ended = new Promise((resolve) => {
      child.once('exit', (code, signal) => {
        resolve(code ?? signal);
        const reason = `ended with ${code ?? signal}`;
        for (const answered of this.#waiting.values()) answered({ error: reason });
        for (const session of [...this.#deliver.keys()]) this.#tell(session, lost(reason));
      });
    });
    this.ready = new Promise((resolve) => {
      child.on('message', (report: GpuReport) => {
        if (report.type === 'ready') resolve();
        else if (report.type === 'events') this.#tell(report.session, report.events);
        else {
          this.#waiting.get(report.ask)?.(report.answer);
          this.#waiting.delete(report.ask);
        }
      });
    });
  }

  /** Options as tests of a device mostly want them. */
  device(engine: NativeEngineId = 'vaapi'): NativeSessionOptions {
    return { engine, device: this.gpu.device };
  }

  open(options: NativeSessionOptions, deliver: (events: readonly NativeEvent[]) => void): NativeSession {
    const session = ++this.#sessions;
    this.#deliver.set(session, deliver);
    if (this.#child.connected) this.#send({ type: 'open', session, options });
    else queueMicrotask(() => this.#tell(session, lost('has ended before')));
    let calls = 0;
    /** As it was after so many calls. */
    let known = { calls: 0, waiting: 0 };
    let isAsking = false;
    const call =
      <Method extends keyof NativeSession>(method: Method) =>
      (...args: Parameters<NativeSession[Method]>): boolean => {
        calls++;
        this.#send({ type: 'call', session, method, args });
        return true;
      };
    const learn = async (after: number): Promise<void> => {
      isAsking = true;
      const answer = await this.#ask((ask) => ({ type: 'progress', ask, session }));
      if ('progress' in answer) known = { calls: after, waiting: answer.progress.waitingCommands };
      isAsking = false;
    };
    return {
      openDecoder: call('openDecoder'),
      openCanvas: call('openCanvas'),
      openStill: call('openStill'),
      openEncoder: call('openEncoder'),
      closeObject: call('closeObject'),
      decode: call('decode'),
      resized: call('resized'),
      compose: call('compose'),
      encode: call('encode'),
      setRate: call('setRate'),
      tap: call('tap'),
      close: call('close'),
      progress: () => {
        if (!isAsking) void learn(calls);
        return { ...idle, waitingCommands: calls - known.calls + known.waiting };
      },
    };
  }

  /** Of the first session, or the one with the number in the order of opening. */
  async progress(session = 1): Promise<NativeProgress> {
    const answer = await this.#ask((ask) => ({ type: 'progress', ask, session }));
    if ('progress' in answer) return answer.progress;
    throw new Error(JSON.stringify(answer));
  }

  async probe(options: NativeSessionOptions = this.device()): Promise<NativeProbe> {
    const answer = await this.#ask((ask) => ({ type: 'probe', ask, options }));
    if ('probe' in answer) return answer.probe;
    throw new Error('error' in answer ? answer.error : 'no probe');
  }

  async counters(): Promise<NativeCounters> {
    const answer = await this.#ask((ask) => ({ type: 'counters', ask }));
    if ('counters' in answer) return answer.counters;
    throw new Error(JSON.stringify(answer));
  }

  /** Ends the process and removes the GPU. */
  async close(): Promise<void> {
    // What stalls would keep it.
    this.gpu.inject();
    if (this.#child.connected) this.#child.disconnect();
    await this.ended;
    this.gpu.close();
  }

  async #ask(order: (ask: number) => GpuOrder): Promise<GpuAnswer> {
    const ask = ++this.#asks;
    return new Promise((resolve) => {
      this.#waiting.set(ask, resolve);
      this.#send(order(ask));
    });
  }

  #tell(session: number, events: readonly NativeEvent[]): void {
    this.#deliver.get(session)?.(events);
    if (events.some(({ type }) => type === 'closed')) this.#deliver.delete(session);
  }

  #send(order: GpuOrder): void {
    // That it ends in this moment is told by its exit.
    if (this.#child.connected) this.#child.send(order, () => undefined);
  }
}

/** What sessions tell whose process has ended. */
function lost(reason: string): readonly NativeEvent[] {
  return [
    { type: 'failed', reason: `The process of the GPU ${reason}`, scope: 'device' },
    { type: 'closed' },
  ];
}
