// Owns whether the workers of a host can have the UDP ports they are configured for. One that cannot dies at its start,
// again and again; so it is asked before.
import { createSocket } from 'node:dgram';
import { type Settings, SettingsError } from '../settings/settings.ts';

const lastPort = 65_535;

/** Resolves when `processes` workers have a port each and the address is this machine's. Rejects with SettingsError. */
export async function checkUdpPlace(
  { webrtc: { udp_port: first, host } }: Pick<Settings, 'webrtc'>,
  processes: number,
): Promise<void> {
  if (first !== 0 && first + processes - 1 > lastPort) {
    throw new SettingsError(
      `webrtc.udp_port (SLUICE_UDP_PORT): ${processes} workers need a port each, from ${first} on; the last there is is ${lastPort}`,
    );
  }
  if (host === '') return;
  const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4');
  try {
    await new Promise<void>((resolve, reject) => {
      socket.once('error', reject);
      socket.bind(0, host, resolve);
    });
  } catch (error) {
    const why = error instanceof Error ? ` (${error.message})` : '';
    throw new SettingsError(`webrtc.host (SLUICE_UDP_HOST): ${host} is no address of this machine${why}`, {
      cause: error,
    });
  } finally {
    socket.close();
  }
}
