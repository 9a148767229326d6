// Owns keeping what was found out about engines between starts, under everything that could change it. What fails is tried
// again at each start; a simulated GPU is never kept.
import { createHash } from 'node:crypto';
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import { engineReportSchema, type EngineReport } from './engine-report.ts';
import { readText } from './read-text.ts';
import { isTestVendor } from './test-driver.ts';

export interface ProbeCache {
  /** Undefined when nothing is known under that key. */
  get(key: string): EngineReport | undefined;
  put(key: string, report: EngineReport): void;
}

/** `folder` is made when there is something to keep; where it cannot be written, nothing is kept. */
export function createProbeCache(folder: string): ProbeCache {
  const fileOf = (key: string): string =>
    join(folder, `${createHash('sha256').update(key).digest('hex').slice(0, 32)}.json`);
  return {
    get(key) {
      const text = readText(fileOf(key));
      if (text === undefined) return undefined;
      try {
        const kept = v.safeParse(engineReportSchema, JSON.parse(text));
        return kept.success ? kept.output : undefined;
      } catch {
        return undefined;
      }
    },
    put(key, report) {
      if (report.outcome === 'fails' || isTestVendor(report.probe.vendor)) return;
      const file = fileOf(key);
      const part = `${file}.${process.pid}.part`;
      try {
        mkdirSync(folder, { recursive: true });
        writeFileSync(part, JSON.stringify(report));
        renameSync(part, file);
      } catch {
        // The next start tries again.
      }
    },
  };
}
