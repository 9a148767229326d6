// Owns trying one engine in this process, from loading it to the self-test. A driver may end or hang the process that does
// this: probe-program.ts runs it in one of its own.
import { loadAddon } from '../../native/load-addon.ts';
import type { NativeProbe } from '../../native/addon.ts';
import { readModule } from '../../wasm/locate.ts';
import type { MediaEngine } from '../engine/engine.ts';
import { nativeCapabilities } from '../engine/native/native-capabilities.ts';
import { NativeEngine } from '../engine/native/native-engine.ts';
import { wasmCapabilities } from '../engine/wasm/wasm-capabilities.ts';
import { WasmEngine } from '../engine/wasm/wasm-engine.ts';
import type { EngineProbe, EngineReport } from './engine-report.ts';
import type { EngineSubject } from './engine-subject.ts';
import type { Stopwatch } from './scene-run.ts';
import { selfTest } from './self-test.ts';
import { SoftwareJudge } from './software-judge.ts';
import { isAllowedVendor } from './test-driver.ts';

/** A third of a second of video: enough to see an encoder's rate settle. */
const pictures = 12;

/** Never rejects. */
export async function tryEngine(subject: EngineSubject, watch: Stopwatch): Promise<EngineReport> {
  let probe: EngineProbe | undefined;
  try {
    const begun = await begin(subject);
    probe = begun.probe;
    if (!isAllowedVendor(probe.vendor, process.env)) {
      throw new Error('it is the driver of the tests, which is no GPU');
    }
    const judge = await SoftwareJudge.open(await readModule('video'), pictures, watch);
    const test = await selfTest(begun.engine, judge, watch);
    return { outcome: 'works', ...subject, probe, test };
  } catch (error) {
    const reason = (error instanceof Error ? error.message : String(error)).slice(0, 1000);
    return { outcome: 'fails', ...subject, reason, ...(probe === undefined ? {} : { probe }) };
  }
}

async function begin({
  engine: id,
  device,
}: EngineSubject): Promise<{ engine: MediaEngine; probe: EngineProbe }> {
  if (id === 'wasm') {
    const all = (formats: typeof wasmCapabilities.decode) =>
      formats.map(({ codec }) => ({ codec, implementation: 'WebAssembly' }));
    const { decode, encode, maxSize } = wasmCapabilities;
    return {
      engine: new WasmEngine(await readModule('video')),
      probe: { vendor: '', addon: '', decode: all(decode), encode: all(encode), maxSide: maxSize },
    };
  }
  const loaded = loadAddon();
  if (loaded.addon === undefined) throw new Error(loaded.reason);
  const { addon } = loaded;
  if (!addon.engines.includes(id)) {
    throw new Error(
      'the native engine was built without devices: install libva-dev and libdrm-dev, then npm run build:native',
    );
  }
  const on = device === undefined ? {} : { device };
  const probe = addon.probe({ engine: id, ...on });
  const capabilities = nativeCapabilities(probe);
  return { engine: new NativeEngine({ addon, id, ...on, capabilities }), probe: told(probe, addon.version) };
}

function told({ vendor, decode, encode, maxSide }: NativeProbe, addon: string): EngineProbe {
  return { vendor, addon, decode: [...decode], encode: [...encode], maxSide };
}
