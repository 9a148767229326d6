// Owns one chaos run: fault after fault on one stage, each followed by a quiet moment at which its history is judged.
import { mkdirSync, writeFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { join } from 'node:path';
import { check } from './history/check.ts';
import type { Violation } from './history/history.ts';
import { schedule, type Fault, type FaultKind } from './schedule.ts';
import { Crowd } from './scene/crowd.ts';
import type { Member } from './scene/member.ts';
import { flowsAgain, heardAgain, look, wait, type Interruption } from './scene/probe.ts';
import { Stage } from './scene/stage.ts';
import { doomed, strike } from './scene/strike.ts';

export interface ChaosOptions {
  readonly seed: number;
  readonly kinds: readonly FaultKind[];
  /** Of each kind. */
  readonly rounds: number;
  readonly edges: number;
  readonly rooms: number;
  /** Times after which something is taken for lost are so many times as long: for a machine with other work. */
  readonly slack: number;
  /** A folder for what the processes printed when something was wrong. */
  readonly logs?: string;
  readonly say: (line: string) => void;
}

/** What one fault cost, in milliseconds from the fault, or from its end where something stood still or was away. */
export interface Cost {
  readonly kind: FaultKind;
  /** Each client of a dead edge, until it is connected to another. */
  readonly resumeMs: readonly number[];
  /** Until everybody hears everybody. */
  readonly heardMs: number | undefined;
  /** Until packets come again for good where they are forwarded, and in the mixed view. */
  readonly forwarded: readonly (Interruption | undefined)[];
  readonly mixed: Interruption | undefined;
  /** Until everybody sees the same room. */
  readonly quietMs: number;
  /** Processes that wanted a processor of this machine, on average of the last minute. */
  readonly load: number;
  /** How long the participants, who are this process, stood still at most: what they see may be as old. */
  readonly lateMs: number;
}

export interface ChaosResult {
  readonly costs: readonly Cost[];
  readonly violations: readonly (Violation & { readonly fault: string })[];
  readonly texts: number;
  readonly entries: number;
  readonly documents: { readonly taken: number; readonly refused: number };
  /** Participations that a fault ended. */
  readonly ended: readonly string[];
  readonly holes: readonly string[];
  readonly refusals: ReadonlyMap<string, number>;
  /** Texts that OWT clients, who do not count, heard again. */
  readonly toldAgain: number;
}

const backWithinMs = 60_000;
/** Nobody may be seen who is not there after so long. */
const quietWithinMs = 30_000;
const answersWithinMs = 40_000;
const everyQuitter = 5;
/** Of each violated rule so many are shown, with so much of the history. */
const mostShown = 3;
const mostLines = 24;
/** From then on it is worth a word that this process itself stood still. */
const lateMs = 500;

export async function runChaos(options: ChaosOptions): Promise<ChaosResult> {
  const { seed, kinds, rounds, slack, say } = options;
  const stage = await Stage.build(options);
  const crowd = new Crowd(stage, seed);
  const costs: Cost[] = [];
  const violations: (Violation & { fault: string })[] = [];
  const ended: string[] = [];
  let [texts, entries, taken, refused] = [0, 0, 0, 0];
  const delay = monitorEventLoopDelay();
  delay.enable();
  try {
    for (const fault of schedule(seed, kinds, rounds)) {
      const began = performance.now();
      delay.reset();
      crowd.begin();
      await wait(fault.afterMs);
      const { back, what } = await suffer(stage, fault, backWithinMs * slack);
      const found: Violation[] = [];
      if (!(await crowd.pause(backWithinMs * slack))) found.push(never('what was asked', crowd.underWay));
      if (!(await until(() => stage.record.open === 0, answersWithinMs * slack)))
        found.push(never('an answer'));
      if ((await heardAgain(stage, performance.now(), quietWithinMs * slack)) === undefined)
        found.push(never('to be heard'));
      const { looks, truths, afterMs } = await look(stage, crowd, performance.now(), quietWithinMs * slack);
      // A worker that died a moment before the next one would look like a break between all of them and Redis.
      if (!(await stage.known(quietWithinMs * slack))) found.push(never('two workers of each kind'));
      await stage.log.catchUp();
      const history = stage.record.take(looks, truths);
      found.push(...check(history));
      if (back.heardMs === undefined) found.push(never('everybody'));
      found.push(...back.missing);
      const put = stage.record.ended.splice(0);
      for (const { participant, why } of put) ended.push(`${fault.kind}: ${participant}: ${why}`);
      const name = `${fault.kind} ${fault.round} (${what})`;
      violations.push(...found.map((violation) => ({ ...violation, fault: name })));
      const [load = 0] = loadavg();
      const cost = { ...back, quietMs: afterMs, load, lateMs: delay.max / 1e6 };
      costs.push(cost);
      texts += history.said.length;
      entries += history.logged.length;
      taken += history.documents.filter(({ outcome }) => outcome === 'taken').length;
      refused += history.documents.filter(({ outcome }) => outcome === 'refused').length;
      say(line(name, cost, found, put.length, performance.now() - began));
      for (const each of shownOf(found)) say(each);
      if (found.length > 0) keepLogs(stage, options.logs, name, found);
    }
  } finally {
    delay.disable();
    await crowd.pause(answersWithinMs);
    await stage.close();
  }
  return {
    costs,
    violations,
    texts,
    entries,
    documents: { taken, refused },
    ended,
    holes: stage.log.holes,
    refusals: stage.record.refusals,
    toldAgain: stage.record.toldAgain,
  };
}

type Back = Pick<Cost, 'kind' | 'resumeMs' | 'heardMs' | 'forwarded' | 'mixed'> & {
  readonly missing: readonly Violation[];
};

/** The fault, and how long each thing takes to come back. */
async function suffer(stage: Stage, fault: Fault, withinMs: number): Promise<{ back: Back; what: string }> {
  const quitter = await quitterOf(stage, fault);
  const before = stage.rooms
    .flatMap(({ members }) => members)
    .map((member) => ({ member, edge: member.edge }));
  for (const { flow } of stage.rooms) flow.begin();
  const { what, from, edge, missed, mend } = await strike(stage, fault);
  quitter?.vanish();
  const moved = before.filter((each) => each.edge === edge);
  const [resumeMs, heardMs, flows] = await Promise.all([
    Promise.all(moved.map((each) => resumed(each.member, each.edge, from, withinMs))),
    heardAgain(stage, from, withinMs),
    flowsAgain(stage, from, withinMs),
    mend(),
  ]);
  const mixedAt = stage.rooms.findIndex(({ mixed }) => mixed);
  const forwarded = flows.filter((_, index) => index !== mixedAt);
  const missing = stage.rooms.flatMap(({ id, publication, subscription }, index) =>
    flows[index] === undefined ? [never('a packet', [publication.standing, subscription.standing], id)] : [],
  );
  if (missed) missing.push(never('whom the fault is for'));
  return { what, back: { kind: fault.kind, resumeMs, heardMs, forwarded, mixed: flows[mixedAt], missing } };
}

/** Somebody on the edge that dies who will not come back. */
async function quitterOf(stage: Stage, fault: Fault): Promise<Member | undefined> {
  const [room] = stage.rooms;
  if (fault.kind !== 'edge' || fault.round % everyQuitter !== 0 || room === undefined) return undefined;
  const quitter = stage.member(room.id, `quitter ${fault.round}`, doomed(stage, fault));
  await quitter.join();
  return quitter;
}

async function resumed(member: Member, edge: string, from: number, withinMs: number): Promise<number> {
  await member.until(() => member.connected && member.edge !== edge, withinMs);
  return performance.now() - from;
}

async function until(holds: () => boolean, timeoutMs: number): Promise<boolean> {
  const deadline = performance.now() + timeoutMs;
  while (!holds() && performance.now() < deadline) await wait(20);
  return holds();
}

function never(what: string, piece: readonly string[] = [], room = 'some'): Violation {
  return { rule: 'missing', room, what: `${what} did not come back in time`, piece };
}

/** The first of each rule, each with its piece of the history. */
function shownOf(found: readonly Violation[]): string[] {
  const rules = new Set(found.map(({ rule }) => rule));
  return [...rules].flatMap((rule) => {
    const of = found.filter((each) => each.rule === rule);
    const more = of.length > mostShown ? [`  and ${of.length - mostShown} more: ${rule}`] : [];
    return [...of.slice(0, mostShown).flatMap((each) => lines(each, mostLines)), ...more];
  });
}

function lines({ rule, room, what, piece }: Violation, most = Infinity): string[] {
  return [`  ${rule} in ${room}: ${what}`, ...piece.slice(0, most).map((each) => `    ${each}`)];
}

function line(name: string, cost: Cost, found: readonly Violation[], put: number, tookMs: number): string {
  const ms = (value: number | undefined): string => (value === undefined ? '–' : `${Math.round(value)}`);
  const flow = (each: Interruption | undefined): string =>
    each === undefined ? '–' : `${ms(each.backMs)}/${ms(each.gapMs)}${each.unsteady ? '~' : ''}`;
  const parts = [
    cost.resumeMs.length > 0 ? `resume ${cost.resumeMs.map(ms).join(',')}` : '',
    `heard ${ms(cost.heardMs)}`,
    `forwarded ${cost.forwarded.map(flow).join(' ')}`,
    `mixed ${flow(cost.mixed)}`,
    `quiet ${ms(cost.quietMs)}`,
    cost.lateMs > lateMs ? `participants stood still ${ms(cost.lateMs)}` : '',
    put > 0 ? `ended ${put}` : '',
    found.length > 0 ? `VIOLATIONS ${found.length}` : '',
    `(${Math.round(tookMs / 100) / 10} s, load ${Math.round(cost.load)})`,
  ];
  return `${name.padEnd(34)} ${parts.filter((part) => part !== '').join('  ')}`;
}

function keepLogs(stage: Stage, folder: string | undefined, name: string, found: readonly Violation[]): void {
  if (folder === undefined) return;
  const into = join(folder, name.replaceAll(/[^a-z0-9]+/g, '-'));
  mkdirSync(into, { recursive: true });
  writeFileSync(join(into, 'violations.txt'), found.flatMap((each) => lines(each)).join('\n'));
  const members = { edge: stage.edges, host: stage.hosts, mixer: stage.mixers };
  for (const [kind, list] of Object.entries(members))
    for (const [place, member] of list.entries())
      writeFileSync(join(into, `${kind}-${place}.log`), member.output());
}
