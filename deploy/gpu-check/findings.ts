// Owns what `npm run gpu:check` finds out about this machine.
import { accessSync, constants, existsSync } from 'node:fs';
import type { EngineReport } from '../../workers/devices/engine-report.ts';
import { readDeviceFigures } from '../../workers/devices/device-figures.ts';
import { driverFiles } from '../../workers/devices/machine-state.ts';
import { hasBuiltAddon } from '../../workers/devices/built-addon.ts';
import { renderNodes, type RenderNode } from '../../workers/devices/render-nodes.ts';
import type { EngineChoice } from '../../workers/engine/engine-choice.ts';

export interface DeviceFinding extends RenderNode {
  /** Whether this user may open it. */
  readonly access: 'yes' | 'denied';
  readonly frequencyMhz: Readonly<Record<string, number>>;
  /** Of its own; undefined where it has none or does not tell. */
  readonly memoryBytes: number | undefined;
  /** Of each engine that was tried on it. */
  readonly reports: readonly EngineReport[];
}

export interface Findings {
  readonly platform: string;
  readonly hasAddon: boolean;
  /** Files of drivers for VA-API, such as /usr/lib/x86_64-linux-gnu/dri/iHD_drv_video.so. */
  readonly drivers: readonly string[];
  readonly devices: readonly DeviceFinding[];
  readonly software: readonly EngineReport[];
  /** For the first worker of this machine, as configured. */
  readonly order: readonly EngineChoice[];
}

/** `reports`: of every engine that was tried here. */
export function findingsOf(reports: readonly EngineReport[], order: readonly EngineChoice[]): Findings {
  const drivers = driverFiles(process.env).flatMap((text) => /^\S+_drv_video\.so(?= )/.exec(text)?.[0] ?? []);
  return {
    platform: process.platform,
    hasAddon: hasBuiltAddon(),
    drivers: drivers.filter((path) => existsSync(path)),
    devices: renderNodes().map((node) => {
      const { frequencyMhz, memoryBytes } = readDeviceFigures(node.path);
      return {
        ...node,
        access: accessTo(node.path),
        frequencyMhz: Object.fromEntries(frequencyMhz),
        memoryBytes,
        reports: reports.filter(({ device }) => device === node.path),
      };
    }),
    software: reports.filter(({ device }) => device === undefined),
    order,
  };
}

/** Whether pictures can be made on a GPU here. */
export function hasWorkingGpu({ devices }: Pick<Findings, 'devices'>): boolean {
  return devices.some(({ reports }) => reports.some(({ outcome }) => outcome === 'works'));
}

function accessTo(path: string): DeviceFinding['access'] {
  try {
    accessSync(path, constants.R_OK | constants.W_OK);
    return 'yes';
  } catch {
    return 'denied';
  }
}
