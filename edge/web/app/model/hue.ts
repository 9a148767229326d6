// Owns the colour that belongs to a name. Pure.

/** 0 to 359, the same for the same name everywhere. */
export function hueOf(name: string): number {
  let hash = 7;
  for (const letter of name) hash = (Math.imul(hash, 31) + (letter.codePointAt(0) ?? 0)) >>> 0;
  return hash % 360;
}

/** One or two capital letters. */
export function initialsOf(name: string): string {
  const words = name.trim().split(/\s+/);
  const first = words[0] ?? '';
  const last = words.length > 1 ? (words.at(-1) ?? '') : '';
  return `${firstLetter(first, '?')}${firstLetter(last, '')}`.toUpperCase();
}

function firstLetter(word: string, otherwise: string): string {
  for (const { segment } of new Intl.Segmenter().segment(word)) return segment;
  return otherwise;
}
