// Owns what a media worker is told at its start.
import type { DeviceWish } from '../../schemas/device.ts';
import type { EngineChoice } from '../../workers/engine/engine-choice.ts';
import type { Settings } from '../settings/settings.ts';

export interface WorkerPlace {
  /** The `index`-th of a machine has that many ports above the first. */
  readonly index?: number;
  readonly engines?: readonly EngineChoice[];
  /** Of the device among the engines: the worker host's name, whether it is used, how much of it is this worker's. */
  readonly device?: { readonly host: string; readonly state: DeviceWish; readonly part: number };
}

/** The environment variables of the worker with this id. */
export function workerEnvironment(
  id: string,
  { webrtc, worker, log, cluster, redis }: Settings,
  { index = 0, engines = [], device }: WorkerPlace = {},
): Readonly<Record<string, string>> {
  const { purposes } = worker;
  return {
    SLUICE_WORKER: JSON.stringify({
      id,
      logLevel: log.level,
      logFormat: log.format,
      maxLoad: cluster.max_load,
      isps: cluster.isps,
      regions: cluster.regions,
      load: {
        interfaceName: cluster.network_name,
        networkMaxMbps: cluster.network_max_scale,
        // Alone on its machine, a worker is the only one there is, however busy everything else keeps the processors.
        processors: Object.values(redis).some((url) => url !== ''),
      },
      ...(purposes === undefined ? {} : { purposes }),
      engines,
      ...(device === undefined ? {} : { device }),
      webrtc: {
        udpPort: webrtc.udp_port === 0 ? 0 : webrtc.udp_port + index,
        announcedAddresses: webrtc.announced,
        ...(webrtc.host === '' ? {} : { bindAddress: webrtc.host }),
      },
    }),
  };
}
