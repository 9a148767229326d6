// Owns how settings are shown without their secrets: by the name they have, and passwords inside URLs.
import { maskedUri } from '../rooms/masked-uri.ts';

export const mask = '********';
const secret = /key|secret|password|passphrase|token|credential|signature|authorization/i;
const maxDepth = 8;

/** The same with texts masked that have the name of a secret, and passwords in URLs. What is empty stays. */
export function masked(value: unknown): unknown {
  return shown('', value, 0);
}

/** As `masked`, of an object. */
export function maskedMembers(value: object, depth = 0): Readonly<Record<string, unknown>> {
  const members = Object.entries(value).map(([name, member]: [string, unknown]) => {
    return [name, shown(name, member, depth + 1)] as const;
  });
  return Object.fromEntries(members);
}

function shown(name: string, value: unknown, depth: number): unknown {
  if (depth > maxDepth) return mask;
  if (typeof value === 'string') return value !== '' && secret.test(name) ? mask : maskedUri(value);
  if (Array.isArray(value)) return value.map((item: unknown) => shown(name, item, depth + 1));
  return typeof value === 'object' && value !== null ? maskedMembers(value, depth) : value;
}
