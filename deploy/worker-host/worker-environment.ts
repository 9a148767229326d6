// Owns what a media worker is told at its start.
import type { EngineChoice } from '../../workers/engine/engine-choice.ts';
import type { Settings } from '../settings/settings.ts';

/** The environment variables of the worker with this id. The `index`-th of a machine has that many ports above the first. */
export function workerEnvironment(
  id: string,
  { webrtc, worker, log, cluster, redis }: Settings,
  { index = 0, engines = [] }: { readonly index?: number; readonly engines?: readonly EngineChoice[] } = {},
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
      webrtc: {
        udpPort: webrtc.udp_port === 0 ? 0 : webrtc.udp_port + index,
        announcedAddresses: webrtc.announced,
        ...(webrtc.host === '' ? {} : { bindAddress: webrtc.host }),
      },
    }),
  };
}
