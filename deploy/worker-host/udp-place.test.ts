// Owns the proof that workers whose ports or address there cannot be are not started.
import { expect, it } from 'vitest';
import { SettingsError } from '../settings/settings.ts';
import { checkUdpPlace } from './udp-place.ts';

const at = (host: string, udp_port: number) => ({
  webrtc: { host, udp_port, announced: [], ice_servers: [] },
});

it.each([
  ['', 3478, 256],
  ['127.0.0.1', 0, 256],
  ['127.0.0.1', 65_535, 1],
])('takes %j, port %i, %i workers', async (host, port, processes) => {
  await expect(checkUdpPlace(at(host, port), processes)).resolves.toBeUndefined();
});

it.each([
  ['', 65_535, 2, /^webrtc\.udp_port .*2 workers need a port each/],
  ['192.0.2.1', 3478, 1, /^webrtc\.host .*192\.0\.2\.1 is no address of this machine/],
])('refuses %j, port %i, %i workers', async (host, port, processes, message) => {
  const asked = checkUdpPlace(at(host, port), processes);
  await expect(asked).rejects.toThrow(SettingsError);
  await expect(asked).rejects.toThrow(message);
});
