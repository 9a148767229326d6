// Owns the proof that built files are found by their URL path and nothing beside them is.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { readAssets } from './assets.ts';

it('reads files with type and tag by exact path', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-assets-'));
  await mkdir(join(folder, 'web/icons'), { recursive: true });
  await writeFile(join(folder, 'web/app.js'), 'one');
  await writeFile(join(folder, 'web/icons/a.svg'), '<svg/>');
  await writeFile(join(folder, 'secret.txt'), 'no');
  const assets = await readAssets(join(folder, 'web'));
  await rm(folder, { recursive: true });
  expect(assets.get('/app.js')).toMatchObject({ type: 'text/javascript; charset=utf-8' });
  expect(assets.get('/icons/a.svg')?.type).toContain('image/svg+xml');
  expect(assets.get('/app.js')?.etag).not.toBe(assets.get('/icons/a.svg')?.etag);
  for (const path of ['/', '/app', '/../secret.txt', '/icons', 'app.js']) {
    expect(assets.get(path)).toBeUndefined();
  }
});
