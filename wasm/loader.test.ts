import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, expect, it, vi } from 'vitest';
import { instantiate } from './loader.ts';
import { builtFolder, readModule } from './locate.ts';
import { describeBuilt } from './scripted-modules.ts';
import { loadVideo } from './video.ts';

/** A module that imports the function `name` of `from` and exports nothing. */
function moduleThatImports(from: string, name: string): Uint8Array {
  const text = (value: string): number[] => [value.length, ...new TextEncoder().encode(value)];
  const imports = [1, ...text(from), ...text(name), 0, 0];
  return Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 1, 4, 1, 0x60, 0, 0, 2, imports.length, ...imports);
}

afterEach(() => {
  vi.unstubAllEnvs();
});

it.each([
  ['env', 'system'],
  ['env', 'toString'],
  ['wasi_snapshot_preview1', 'path_open'],
  ['env', 'clock_time_get'],
])('refuses a module that asks for %s.%s', async (from, name) => {
  await expect(instantiate(moduleThatImports(from, name), [])).rejects.toThrow(
    `${from}.${name}, which is not given`,
  );
});

it('refuses what is no module, and modules of others', async () => {
  await expect(instantiate(Uint8Array.of(1, 2, 3), [])).rejects.toThrow();
  const empty = Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0);
  await expect(instantiate(empty, [])).rejects.toThrow('none of our modules');
});

it('names the command that builds modules when there are none', async () => {
  vi.stubEnv('SLUICE_WASM_DIR', '/nowhere');
  await expect(readModule('video')).rejects.toThrow('npm run build:wasm');
});

describeBuilt('built modules', () => {
  it('start from a compiled module as from bytes', async () => {
    const video = await loadVideo(new WebAssembly.Module(await readModule('video')));
    expect(video.call.malloc(16)).toBeGreaterThan(0);
  });

  it('are missed by name', async () => {
    await expect(instantiate(await readModule('audio'), ['vpx_encoder_create'])).rejects.toThrow(
      'no function vpx_encoder_create',
    );
  });

  it('carry no path of the machine that built them', async () => {
    const folder = builtFolder()!;
    for (const name of ['video', 'audio']) {
      const text = (await readFile(join(folder, `${name}.wasm`))).toString('latin1');
      expect(text).not.toMatch(/\/(home|root|work|tmp|Users)\//);
    }
  });

  it('show memory anew after it has grown', async () => {
    const video = await loadVideo(await readModule('video'));
    const before = video.bytes;
    video.call.malloc(64 * 1024 * 1024);
    expect(before.length).toBe(0);
    expect(video.bytes.length).toBe(video.memoryBytes);
  });
});
