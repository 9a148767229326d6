// Owns the check that what a client sent is plain JSON data of bounded depth and size, whatever its transport could carry.

const maxDepth = 24;
const maxValues = 16_384;

/** False for binary attachments, functions, and anything deeper or larger than a request can need. */
export function isPlainData(value: unknown): boolean {
  let level: unknown[] = [value];
  let values = 0;
  for (let depth = 0; level.length > 0; depth++) {
    values += level.length;
    if (depth > maxDepth || values > maxValues) return false;
    const below: unknown[] = [];
    for (const item of level) {
      switch (typeof item) {
        case 'string':
        case 'number':
        case 'boolean':
        case 'undefined':
          continue;
        case 'object':
          break;
        default:
          return false;
      }
      if (item === null) continue;
      if (!Array.isArray(item) && Object.getPrototypeOf(item) !== Object.prototype) return false;
      const children: unknown[] = Array.isArray(item) ? item : Object.values(item);
      if (children.length > maxValues) return false;
      for (const child of children) below.push(child);
    }
    level = below;
  }
  return true;
}
