// Owns what a person is told of the engines at a start: which are used in which order, and why others are not. Pure.
import type { EngineChoice } from '../engine/engine-choice.ts';
import type { EngineId } from '../engine/engine.ts';
import { needsDevice, wishedEngines, type EngineWish } from './choose-engines.ts';
import type { EngineReport } from './engine-report.ts';
import type { RenderNode } from './render-nodes.ts';

export interface EnginesToExplain {
  readonly wish: EngineWish;
  readonly nodes: readonly Pick<RenderNode, 'path'>[];
  readonly hasAddon: boolean;
  readonly reports: readonly EngineReport[];
  /** Of each worker, best first. */
  readonly orders: readonly (readonly Pick<EngineChoice, 'id' | 'device'>[])[];
}

const maxNameChars = 60;
const maxReasonChars = 160;

/** Lines without an end: one for each order, then one for each reason. */
export function explainEngines(explained: EnginesToExplain): readonly string[] {
  return [...orderLines(explained), ...unusedLines(explained)];
}

function orderLines({ orders, reports }: EnginesToExplain): readonly string[] {
  const workers = new Map<string, number[]>();
  for (const [index, order] of orders.entries()) {
    const named = order.map((choice) => nameOf(choice, reports));
    const text = (order.some(({ id }) => id === 'wasm') ? named : [...named, 'wasm']).join(', ');
    workers.set(text, [...(workers.get(text) ?? []), index + 1]);
  }
  if (workers.size === 1) return [...workers.keys()].map((text) => `Media engines: ${text}`);
  return [...workers].map(
    ([text, numbers]) =>
      `Media engines of worker${numbers.length > 1 ? 's' : ''} ${numbers.join(', ')}: ${text}`,
  );
}

function nameOf(
  { id, device }: Pick<EngineChoice, 'id' | 'device'>,
  reports: readonly EngineReport[],
): string {
  if (device === undefined) return id;
  const vendor = reports.find((each) => each.engine === id && each.device === device)?.probe?.vendor ?? '';
  return `${id} (${[cut(vendor, maxNameChars), device].filter(Boolean).join(', ')})`;
}

function unusedLines(explained: EnginesToExplain): readonly string[] {
  const { wish, orders } = explained;
  const used = new Set(orders.flat().map(({ id }) => id));
  const reasons = new Map<string, EngineId[]>();
  for (const id of wishedEngines(wish)) {
    if (used.has(id) || id === 'wasm') continue;
    for (const reason of reasonsOf(id, explained)) reasons.set(reason, [...(reasons.get(reason) ?? []), id]);
  }
  return [...reasons].map(([reason, ids]) => `  not ${ids.join(', ')}: ${reason}`);
}

function reasonsOf(id: EngineId, { wish, nodes, hasAddon, reports }: EnginesToExplain): readonly string[] {
  if (needsDevice(id) && nodes.length === 0) return ['this machine shows no GPU (/dev/dri)'];
  if (needsDevice(id) && wish.device !== 'auto' && nodes.every(({ path }) => path !== wish.device))
    return [`there is no ${wish.device}`];
  if (!hasAddon) return ['the native engine is not built (npm run gpu:check says what is missing)'];
  const failed = reports.flatMap((report) =>
    report.outcome === 'fails' && report.engine === id ? [report] : [],
  );
  return failed.map(({ device, reason }) =>
    cut(device === undefined ? reason : `${device}: ${reason}`, maxReasonChars),
  );
}

function cut(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most - 1)}…`;
}
