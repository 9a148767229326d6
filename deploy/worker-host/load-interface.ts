// Owns whether the network interface whose traffic is to be the workers' load is there. Of one that is not, nothing would
// be counted, and nobody would be told.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Settings, SettingsError } from '../settings/settings.ts';

/** Where Linux lists them; what it does not show at all cannot be missed. */
const listed = '/sys/class/net';

/** Throws SettingsError when `cluster.network_name` names none of this machine. */
export function checkLoadInterface(
  { cluster: { network_name: name } }: Pick<Settings, 'cluster'>,
  exists: (path: string) => boolean = existsSync,
): void {
  if (name === '' || !exists(listed) || exists(join(listed, name))) return;
  throw new SettingsError(`cluster.network_name: this machine has no interface ${name}`);
}
