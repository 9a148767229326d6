// Owns what a media worker is told at its start.
import type { Settings } from './settings.ts';

/** The environment variables of the worker with this id. */
export function workerEnvironment(id: string, { webrtc, log }: Settings): Readonly<Record<string, string>> {
  return {
    SLUICE_WORKER: JSON.stringify({
      id,
      logLevel: log.level,
      webrtc: {
        udpPort: webrtc.udp_port,
        announcedAddresses: webrtc.announced,
        ...(webrtc.host === '' ? {} : { bindAddress: webrtc.host }),
      },
    }),
  };
}
