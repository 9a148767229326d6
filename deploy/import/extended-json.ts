// Owns the plain value behind MongoDB's Extended JSON, in the canonical and the relaxed form, as mongoexport writes it.
// https://www.mongodb.com/docs/manual/reference/mongodb-extended-json/

const maxDepth = 100;
const numbers = new Set(['$numberInt', '$numberLong', '$numberDouble', '$numberDecimal']);

/** Ids and dates become text, numbers numbers, what is undefined null. Throws RangeError when nested too deeply. */
export function plain(value: unknown, depth = 0): unknown {
  if (depth > maxDepth) throw new RangeError('nested too deeply');
  if (Array.isArray(value)) return value.map((item) => plain(item, depth + 1));
  if (typeof value !== 'object' || value === null) return value;
  const members: readonly (readonly [string, unknown])[] = Object.entries(value);
  const [only] = members;
  if (members.length === 1 && only?.[0].startsWith('$') === true) {
    const [type, inner] = only;
    if (type === '$oid') return inner;
    if (numbers.has(type)) return Number(inner);
    if (type === '$date') return plainDate(inner);
    if (type === '$undefined') return null;
  }
  return Object.fromEntries(members.map(([name, member]) => [name, plain(member, depth + 1)]));
}

function plainDate(date: unknown): unknown {
  const ms = plain(date);
  return typeof ms === 'number' && Math.abs(ms) <= 8.64e15 ? new Date(ms).toISOString() : ms;
}
