// Owns simulated GPUs for tests: the environment for a child process that shall see them, their faults, and what was
// counted. The driver behind them is driver/, the pretence of devices drm-shim.c.
import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type GpuCounters, readCounters, readMisuses } from './gpu-counters.ts';
import { type GpuFault, wordsOfFault } from './gpu-fault.ts';

/** Generations that the driver knows (driver/generations.cc); `all` has everything that libavcodec can stand in for. */
export type GpuGeneration = 'all' | 'skylake' | 'kaby-lake' | 'ice-lake' | 'tiger-lake' | 'arc' | 'no-encode';

export interface TestGpuOptions {
  /** Render nodes, from renderD128 on; 1 without it. */
  readonly devices?: number;
  readonly generation?: GpuGeneration;
  readonly faults?: readonly GpuFault[];
  /** Files that the child shall find, by absolute path below /sys/class/drm, /sys/dev/char or /proc/self/fdinfo. */
  readonly files?: Readonly<Record<string, string>>;
}

export interface TestGpu {
  /** The first render node, as the child sees it. */
  readonly device: string;
  readonly devices: readonly string[];
  /** To be added to the child's environment. */
  readonly env: Readonly<Record<string, string>>;
  /** Replaces the faults, also of children that run: they look before each job. Their counts begin anew. */
  inject(...faults: GpuFault[]): void;
  /** What all children together did up to now, those that ended or crashed included. */
  counters(): GpuCounters;
  /** Wrong calls of the driver, in words. */
  misuses(): readonly string[];
  /** Removes its files. */
  close(): void;
}

const installed = join(import.meta.dirname, '../../build/test-gpu');
const redirected = ['/dev/dri', '/sys/class/drm', '/sys/dev/char', '/proc/self/fdinfo'];

/** Builds the driver when it is not there yet; why it cannot be used here, or undefined when it can. */
export function whyNoTestGpu(): string | undefined {
  if (process.platform !== 'linux') return 'the test driver for VA-API is for Linux';
  const { status, stderr } = spawnSync(process.execPath, [join(import.meta.dirname, 'build.mjs')], {
    encoding: 'utf8',
  });
  return status === 0 ? undefined : stderr.trim();
}

/** A simulated machine with GPUs, for children that get its environment. Build first: `whyNoTestGpu`. */
export function testGpu(options: TestGpuOptions = {}): TestGpu {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-test-gpu-'));
  const inside = (path: string): string => join(folder, 'root', path);
  const write = (path: string, text: string): void => {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  };
  const devices = Array.from({ length: options.devices ?? 1 }, (_, i) => `/dev/dri/renderD${128 + i}`);
  for (const device of devices) write(inside(device), '');
  for (const [path, text] of Object.entries(options.files ?? {})) write(inside(path), text);
  const counters = join(folder, 'counters');
  mkdirSync(counters);

  const faultFile = join(folder, 'faults');
  const inject = (...faults: readonly GpuFault[]): void => {
    // Renamed into place: a reader sees the old text or the new one.
    writeFileSync(`${faultFile}.new`, faults.map((fault) => `${wordsOfFault(fault)}\n`).join(''));
    renameSync(`${faultFile}.new`, faultFile);
  };
  inject(...(options.faults ?? []));

  return {
    device: devices[0] ?? '/dev/dri/renderD128',
    devices,
    env: {
      LD_PRELOAD: join(installed, 'drm-shim.so'),
      LIBVA_DRIVERS_PATH: installed,
      LIBVA_DRIVER_NAME: 'sluicetest',
      LIBVA_MESSAGING_LEVEL: '0',
      SLUICE_ALLOW_TEST_GPU: '1',
      SLUICE_TEST_GPU_COUNTERS: counters,
      SLUICE_TEST_GPU_FAULT_FILE: faultFile,
      SLUICE_TEST_GPU_GENERATION: options.generation ?? 'all',
      SLUICE_TEST_GPU_PATHS: redirected
        .filter((path) => existsSync(inside(path)))
        .map((path) => `${path}=${inside(path)}`)
        .join(':'),
    },
    inject,
    counters: () => readCounters(filesIn(counters, '.counters')),
    misuses: () => readMisuses(filesIn(counters, '.misuses')),
    close: () => rmSync(folder, { recursive: true, force: true }),
  };
}

function filesIn(folder: string, ending: string): Buffer[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith(ending))
    .map((name) => readFileSync(join(folder, name)));
}
