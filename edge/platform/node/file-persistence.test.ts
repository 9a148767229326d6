import { chmod, mkdir, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createFilePersistence } from './file-persistence.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sluice-'));
});
afterEach(() => rm(folder, { recursive: true }));

it('has nothing before the first save and the last text after', async () => {
  const file = createFilePersistence(join(folder, 'deep', 'directory.json'));
  expect(await file.load()).toBeUndefined();
  await file.save('one');
  await file.save('two ü');
  expect(await file.load()).toBe('two ü');
});

it('is readable by its owner only and leaves no other file behind', async () => {
  const path = join(folder, 'directory.json');
  await writeFile(path, 'old');
  await chmod(path, 0o644);
  await createFilePersistence(path).save('new');
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  expect(await readdir(folder)).toEqual(['directory.json']);
});

it('keeps the old text when the new one cannot be written', async () => {
  const path = join(folder, 'directory.json');
  const file = createFilePersistence(path);
  await file.save('old');
  // A folder in the place of the neighbour file makes writing fail for every user, root included.
  await mkdir(`${path}.next`);
  await expect(file.save('new')).rejects.toThrow();
  expect(await file.load()).toBe('old');
});
