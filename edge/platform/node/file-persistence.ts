// Owns one text in one file, replaced by renaming a finished neighbour: a crash leaves the old text or the new one.
import { mkdir, open, readFile, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Persistence } from '../memory/persistence.ts';

/** Keeps its text in the file `path`, readable by its owner only (mode 0600); the folder is made when missing. */
export function createFilePersistence(path: string): Persistence {
  return {
    async load() {
      try {
        return await readFile(path, 'utf8');
      } catch (error) {
        if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
        throw error;
      }
    },
    async save(text) {
      await mkdir(dirname(path), { recursive: true, mode: 0o700 });
      const next = `${path}.next`;
      const file = await open(next, 'w', 0o600);
      try {
        await file.chmod(0o600);
        await file.writeFile(text);
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(next, path);
    },
  };
}
