import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { ProcessUses } from './process-use.ts';

it('adds what processes use, and keeps the time of those that ended', () => {
  const root = mkdtempSync(join(tmpdir(), 'sluice-proc-'));
  onTestFinished(() => rmSync(root, { recursive: true }));
  const told = (pid: number, user: number, system: number, pages: number): void => {
    mkdirSync(join(root, String(pid)), { recursive: true });
    const before = 'S 1 1 1 0 -1 4194560 100 0 0 0';
    const text = `${pid} (a ) name) ${before} ${user} ${system} 0 0 20 0 7 0 900 4096000 ${pages} 1 2 3\n`;
    writeFileSync(join(root, String(pid), 'stat'), text);
  };
  const uses = new ProcessUses(root);
  told(7, 20, 5, 100);
  told(8, 1, 1, 50);
  expect(uses.look([7, 8])).toEqual({ cpuMs: 270, memoryBytes: 150 * 4096 });
  told(8, 3, 2, 60);
  expect(uses.look([8])).toEqual({ cpuMs: 300, memoryBytes: 60 * 4096 });
  // Nothing is told of it: it has ended, or this is no Linux.
  expect(uses.look([9])).toEqual({ cpuMs: 300, memoryBytes: 0 });
});

it('reads this process where the system is Linux', { skip: process.platform !== 'linux' }, () => {
  const { cpuMs, memoryBytes } = new ProcessUses().look([process.pid]);
  expect(cpuMs).toBeGreaterThan(0);
  expect(memoryBytes).toBeGreaterThan(20_000_000);
});
