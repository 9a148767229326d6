// Owns talk in a room by several edges, and the proof that each word stands in its log once and in order.
import {
  insist,
  join,
  say,
  type ScriptedEdge,
  type ScriptedEdges,
} from '../../edge/platform/redis/scripted-edges.ts';

export interface Talker {
  readonly name: string;
  readonly edge: ScriptedEdge;
  /** Milliseconds until each command was acknowledged, without its first one. */
  readonly ackMs: readonly number[];
  /** Says one thing more; resolves when it is acknowledged. */
  speak(): Promise<void>;
}

/** Somebody who joins at an edge and has things to say there, each with an id, until it is acknowledged. */
export async function talker(name: string, edge: ScriptedEdge): Promise<Talker> {
  const ackMs: number[] = [];
  let cid = 1;
  const joined = await insist(() => edge.room.execute(join(name, name), { participant: name, cid: 1 }));
  if (!joined.ok) throw new Error(joined.refusal.message);
  return {
    name,
    edge,
    ackMs,
    async speak() {
      const by = { participant: name, cid: (cid += 1) };
      const began = performance.now();
      const outcome = await insist(() => edge.room.execute(say(name, `${name} ${by.cid}`), by));
      ackMs.push(performance.now() - began);
      if (!outcome.ok) throw new Error(outcome.refusal.message);
    },
  };
}

/** What is wrong with the log, if all of what was acknowledged, and nothing else, was said in it; empty when nothing is. */
export async function faultsOf(edges: ScriptedEdges, talkers: readonly Talker[]): Promise<string[]> {
  const texts = await edges.texts();
  const faults: string[] = [];
  for (const { name, ackMs } of talkers) {
    const own = texts.filter((text) => text.startsWith(`${name} `));
    const all = ackMs.map((_, index) => `${name} ${index + 2}`);
    if (own.join() !== all.join()) faults.push(`${name}: ${own.length} of ${all.length}, or another order`);
  }
  const said = talkers.reduce((sum, { ackMs }) => sum + ackMs.length, 0);
  if (texts.length !== said) faults.push(`${texts.length} in the log, ${said} acknowledged`);
  return faults;
}

/** The value that `share` of the numbers do not exceed. */
export function quantile(numbers: readonly number[], share: number): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}
