// Owns which request targets are taken. Parsing a URL resolves dot segments, so that a path could lead to another resource
// than the one that it names: `…/participants/..` is the room. Nobody needs them; they are refused before that.

/** False for a target with a segment `.` or `..`, dots percent-encoded or not, or with what URL parsers leave out. */
export function isPlainTarget(target: string): boolean {
  const [path = ''] = target.split(/[?#]/, 1);
  // Parsers drop tabs and line feeds wherever they are, and take a backslash for a slash.
  if (!/^[\x21-\x7e]*$/.test(path) || path.includes('\\')) return false;
  return !path.split('/').some((segment) => /^(\.|%2e){1,2}$/i.test(segment));
}
