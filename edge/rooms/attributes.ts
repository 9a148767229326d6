// Owns which attributes a publication may carry: plain data that every encoding of ours (JSON, MessagePack) gives back
// as it was. A key `__proto__` or a deep nesting would be written to the room log and then break every reader of it.
import { limits } from '../../schemas/request.ts';

const maxDepth = 8;

/** Whether the value is plain, at most `maxDepth` deep and within `limits.attributesBytes` characters of JSON. */
export function storableAttributes(attributes: Readonly<Record<string, unknown>>): boolean {
  return plain(attributes, maxDepth) && JSON.stringify(attributes).length <= limits.attributesBytes;
}

function plain(value: unknown, depth: number): boolean {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return true;
  if (typeof value === 'number') return Number.isFinite(value);
  if (typeof value !== 'object' || depth === 0) return false;
  if (Array.isArray(value)) return value.every((item) => plain(item, depth - 1));
  if (Object.getPrototypeOf(value) !== Object.prototype) return false;
  return Object.entries(value).every(([key, item]) => key !== '__proto__' && plain(item, depth - 1));
}
