// Owns finding out which engines work on this machine: what has to be tried, and only what is not known yet.
import type { EngineId } from '../engine/engine.ts';
import { needsDevice, wishedEngines, type EngineWish } from './choose-engines.ts';
import type { EngineReport } from './engine-report.ts';
import type { EngineSubject } from './engine-subject.ts';
import type { ProbeCache } from './probe-cache.ts';
import type { RenderNode } from './render-nodes.ts';

export interface FindEnginesOptions {
  readonly wish: EngineWish;
  readonly nodes: readonly RenderNode[];
  /** Whether the native engines were built. */
  readonly hasAddon: boolean;
  /** Two subjects with the same state are the same in all that matters. */
  readonly stateOf: (subject: EngineSubject) => string;
  readonly cache: ProbeCache;
  readonly probe: (subject: EngineSubject) => Promise<EngineReport>;
}

/** One after the other, so that none measures the load of another. Those that cannot be there are not tried. */
export async function findEngines(options: FindEnginesOptions): Promise<readonly EngineReport[]> {
  const reports: EngineReport[] = [];
  for (const engine of wishedEngines(options.wish)) {
    for (const subject of subjectsOf(engine, options)) reports.push(await known(subject, options));
  }
  return reports;
}

function subjectsOf(
  engine: EngineId,
  { wish, nodes, hasAddon }: FindEnginesOptions,
): readonly EngineSubject[] {
  if (engine === 'wasm') return [{ engine }];
  if (!hasAddon) return [];
  if (!needsDevice(engine)) return [{ engine }];
  return nodes
    .filter(({ path }) => wish.device === 'auto' || path === wish.device)
    .map(({ path }) => ({ engine, device: path }));
}

async function known(
  subject: EngineSubject,
  { stateOf, cache, probe }: FindEnginesOptions,
): Promise<EngineReport> {
  const state = stateOf(subject);
  const kept = cache.get(state);
  // Devices change their names when others are plugged in; what is kept is of the same device.
  if (kept !== undefined) return { ...kept, ...subject };
  const report = await probe(subject);
  cache.put(state, report);
  return report;
}
