// Owns keeping what was found out about engines between starts, under everything that could change it. A device that fails
// is tried again at each start, software that fails every hour; a simulated GPU is never kept.
import { createHash } from 'node:crypto';
import { mkdirSync, renameSync, statSync, writeFileSync } from 'node:fs';
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

/** Software that failed may only have had too little of a busy machine. */
const failureMs = 3_600_000;

/** `folder` is made when there is something to keep; where it cannot be written, nothing is kept. */
export function createProbeCache(folder: string, nowMs: () => number = Date.now): ProbeCache {
  const fileOf = (key: string): string =>
    join(folder, `${createHash('sha256').update(key).digest('hex').slice(0, 32)}.json`);
  return {
    get(key) {
      const text = readText(fileOf(key));
      if (text === undefined) return undefined;
      try {
        const kept = v.safeParse(engineReportSchema, JSON.parse(text));
        if (!kept.success) return undefined;
        const ageMs = nowMs() - statSync(fileOf(key)).mtimeMs;
        return kept.output.outcome === 'fails' && ageMs > failureMs ? undefined : kept.output;
      } catch {
        return undefined;
      }
    },
    put(key, report) {
      const isBrokenDevice = report.outcome === 'fails' && report.device !== undefined;
      if (isBrokenDevice || isTestVendor(report.probe?.vendor ?? '')) return;
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
