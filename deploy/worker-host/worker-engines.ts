// Owns which engines the workers of this machine get: what works here, found out before they start and remembered, in the
// order that the operator wishes. How that is found out is workers/devices.
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Log } from '../../edge/clock.ts';
import { hasBuiltAddon } from '../../workers/devices/built-addon.ts';
import { chooseEngines, needsDevice, wishedEngines } from '../../workers/devices/choose-engines.ts';
import type { EngineReport } from '../../workers/devices/engine-report.ts';
import { explainEngines } from '../../workers/devices/explain-engines.ts';
import { findEngines } from '../../workers/devices/find-engines.ts';
import { machineState } from '../../workers/devices/machine-state.ts';
import { createProbeCache } from '../../workers/devices/probe-cache.ts';
import { probeEngine } from '../../workers/devices/probe-engine.ts';
import { renderNodes } from '../../workers/devices/render-nodes.ts';
import type { EngineChoice } from '../../workers/engine/engine-choice.ts';
import type { MediaSettings } from '../settings/media-settings.ts';

export interface WorkerEngines {
  /** All that was tried. */
  readonly reports: readonly EngineReport[];
  /** Best first, for the `index`-th worker of this machine; workers without any use `wasm`. */
  forWorker(index: number): readonly EngineChoice[];
  /** For a person, of so many workers: what is used, and why the rest is not. */
  lines(workers: number): readonly string[];
}

/** What is well needs two or three seconds. */
const patientDeadlineMs = 60_000;

/** `program`: the bundled probe-program.ts. Never rejects; what does not work is told in the log. */
export async function workerEngines(options: {
  readonly wish: MediaSettings;
  readonly program: string;
  readonly log: Log;
  /** Everything is tried again, with patience: somebody asked for it. */
  readonly afresh?: boolean;
}): Promise<WorkerEngines> {
  const { wish, program, log, afresh = false } = options;
  const nodes = renderNodes();
  const { env } = process;
  const cache = createProbeCache(join(env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'sluice/engines'));
  const hasAddon = hasBuiltAddon();
  // Of two that work, `auto` has to know which is cheaper; one alone needs no proof.
  const isAlone = (!hasAddon || wishedEngines(wish).every((id) => id === 'wasm')) && !afresh;
  const reports = isAlone
    ? []
    : await findEngines({
        wish,
        nodes,
        hasAddon,
        stateOf: (subject) => machineState(subject, nodes, env),
        cache: afresh ? { get: () => undefined, put: (...kept) => cache.put(...kept) } : cache,
        probe: (subject) =>
          probeEngine(subject, { program, deadlineMs: afresh ? patientDeadlineMs : wish.try_seconds * 1000 }),
      });
  if (!hasAddon && nodes.length > 0 && wish.engines.some((id) => id === 'auto' || needsDevice(id))) {
    log.warn('there is a GPU, but the native engine is not built: npm run gpu:check says what is missing');
  }
  for (const report of reports) {
    const { engine, device = '' } = report;
    if (report.outcome === 'fails')
      log.warn('an engine is not used', { engine, device, reason: report.reason });
  }
  const forWorker = (index: number): readonly EngineChoice[] => chooseEngines(reports, wish, index);
  return {
    reports,
    forWorker,
    lines: (workers) => {
      const orders = Array.from({ length: workers }, (_, index) => forWorker(index));
      return explainEngines({ wish, nodes, hasAddon, reports, orders });
    },
  };
}
