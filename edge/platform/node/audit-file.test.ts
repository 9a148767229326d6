import { appendFile, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Log } from '../../clock.ts';
import { auditConformance, entry } from '../../store/conformance/audit.ts';
import { createFileAudit } from './audit-file.ts';

let folder: string;
const errors: string[] = [];
const log: Log = {
  info: () => undefined,
  warn: () => undefined,
  error: (message) => void errors.push(message),
};
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'audit-'));
  errors.length = 0;
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const create = (more: { maxBytes?: number; files?: number } = {}) =>
  createFileAudit({ folder, log, ...more });
const lines = async (name = 'audit.jsonl') =>
  (await readFile(join(folder, name), 'utf8'))
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as unknown);

describe('audit log on disk', () => {
  auditConformance(() => create());

  it('is one JSON text a line, for its owner only, and there again after a restart', async () => {
    const audit = await create();
    for (const at of [1, 2]) audit.record(entry(at));
    await audit.close();
    expect(await lines()).toEqual([entry(1), entry(2)]);
    expect((await stat(join(folder, 'audit.jsonl'))).mode & 0o777).toBe(0o600);
    const next = await create();
    next.record(entry(3));
    expect((await next.recent({ service: 's1', limit: 9 })).map(({ at }) => at)).toEqual([1, 2, 3]);
    await next.close();
    expect(await lines()).toHaveLength(3);
  });

  it('never takes more room than it may, and loses the oldest', async () => {
    const maxBytes = 1000;
    for (let run = 0; run < 3; run++) {
      const audit = await create({ maxBytes, files: 3 });
      for (let at = run * 50; at < run * 50 + 50; at++) audit.record(entry(at));
      await audit.close();
    }
    const names = (await readdir(folder)).sort();
    expect(names).toEqual(['audit.1.jsonl', 'audit.2.jsonl', 'audit.jsonl']);
    for (const name of names) expect((await stat(join(folder, name))).size).toBeLessThanOrEqual(maxBytes);
    const kept = [...(await lines('audit.2.jsonl')), ...(await lines('audit.1.jsonl')), ...(await lines())];
    expect(kept.at(-1)).toEqual(entry(149));
    expect(kept).toEqual(kept.map((_, index) => entry(150 - kept.length + index)));
    expect(kept.length).toBeGreaterThan(10);
  });

  it('reads around what a crash left of a line', async () => {
    await writeFile(join(folder, 'audit.jsonl'), `${JSON.stringify(entry(1))}\n{"request":"r2","at":`);
    await appendFile(join(folder, 'audit.jsonl'), `\n[]\n${JSON.stringify(entry(3))}\n`);
    const audit = await create();
    expect((await audit.recent({ service: 's1', limit: 9 })).map(({ at }) => at)).toEqual([1, 3]);
    await audit.close();
  });

  it('goes on in memory, and says so, when the disk fails', async () => {
    const audit = await create();
    await rm(folder, { recursive: true });
    audit.record(entry(1));
    await audit.close();
    expect(errors).toEqual(['the audit log could not be written']);
    expect(await audit.recent({ service: 's1', limit: 9 })).toEqual([entry(1)]);
  });
});
