// Owns reading the small texts in which Linux tells about itself. What is not there, or may not be read, is unknown.
import { readdirSync, readFileSync } from 'node:fs';

const mostBytes = 64 * 1024;

/** The text without surrounding blanks; undefined when it cannot be read, or is no small text. */
export function readText(path: string): string | undefined {
  try {
    const text = readFileSync(path, 'utf8');
    return text.length > mostBytes ? undefined : text.trim();
  } catch {
    return undefined;
  }
}

/** Names in a folder, in order, at most `most`; none when it cannot be read. */
export function namesIn(folder: string, most = 256): readonly string[] {
  try {
    return readdirSync(folder).sort().slice(0, most);
  } catch {
    return [];
  }
}
