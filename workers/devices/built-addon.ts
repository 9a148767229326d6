// Owns whether the native engines were built for this machine; it loads nothing.
import { builtFolder } from '../../native/load-addon.ts';

export function hasBuiltAddon(): boolean {
  return builtFolder() !== undefined;
}
