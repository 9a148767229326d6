import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { expect, it, onTestFinished, vi } from 'vitest';
import { workerProcesses } from './worker-process.ts';

/** Runs a program, tells it to end when it has called `ready`, and gives how it ended. */
async function endOf(program: string): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-process-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const [file, sign] = [join(folder, 'program.mjs'), join(folder, 'ready')];
  const ready = `const ready = () => writeFileSync(${JSON.stringify(sign)}, '');`;
  writeFileSync(file, `import { writeFileSync } from 'node:fs'; ${ready} ${program}`);
  const ended = vi.fn<(reason: string) => void>();
  const start = workerProcesses(pathToFileURL(file), { usesAddon: false, wedgeable: false });
  const thread = start({ turn: () => undefined, ended });
  await vi.waitFor(() => expect(existsSync(sign)).toBe(true), { timeout: 10_000 });
  // That the channel was closed before is heard of in the next turn.
  await setImmediate();
  thread.terminate();
  await vi.waitFor(() => expect(ended).toHaveBeenCalledOnce(), { timeout: 10_000 });
  return ended.mock.calls[0]?.[0] ?? '';
}

const hangs = `setInterval(() => undefined, 1000);`;

it.each([
  ['ends by itself', `process.once('disconnect', () => process.exit(3)); ready();`, 'code 3'],
  ['hangs', `process.on('disconnect', () => undefined); ${hangs} ready();`, 'SIGKILL'],
  [
    'hangs and has closed its channel',
    `process.once('disconnect', ready); process.disconnect(); ${hangs}`,
    'SIGKILL',
  ],
])('a process that %s is ended', async (_what, program, end) => {
  expect(await endOf(program)).toContain(end);
});
