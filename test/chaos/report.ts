// Owns what a chaos run amounts to: how long each thing took to come back by kind of fault, as a table for people and as
// data for programs.
import { percentile, table } from '../bench/lib/report.ts';
import type { ChaosResult, Cost } from './run.ts';
import type { FaultKind } from './schedule.ts';

/** Milliseconds; undefined where nothing was measured. */
export interface Spread {
  readonly times: number;
  readonly p50: number | undefined;
  readonly p95: number | undefined;
  readonly most: number | undefined;
}

type Measure = 'edgeResume' | 'controlBack' | 'forwardedBack' | 'mixedBack' | 'mixedGap' | 'sameView';

export interface Recovery extends Readonly<Record<Measure, Spread>> {
  readonly kind: FaultKind;
  readonly rounds: number;
  /** Of the flows of media how many came back with gaps that did not end; they are in the spreads with what was seen. */
  readonly unsteady: number;
}

const measures: Readonly<Record<Measure, (cost: Cost) => readonly (number | undefined)[]>> = {
  edgeResume: ({ resumeMs }) => resumeMs,
  controlBack: ({ heardMs }) => [heardMs],
  forwardedBack: ({ forwarded }) => forwarded.map((flow) => flow?.backMs),
  mixedBack: ({ mixed }) => [mixed?.backMs],
  mixedGap: ({ mixed }) => [mixed?.gapMs],
  sameView: ({ quietMs }) => [quietMs],
};

/** Of each kind that came, in the order in which they first did. What never came back is in no spread: it is a violation. */
export function recoveries(costs: readonly Cost[]): readonly Recovery[] {
  return [...new Set(costs.map(({ kind }) => kind))].map((kind) => {
    const of = costs.filter((cost) => cost.kind === kind);
    const spreadOf = (measure: Measure): Spread => spread(of.flatMap(measures[measure]));
    return {
      kind,
      rounds: of.length,
      unsteady: of.flatMap(({ forwarded, mixed }) => [...forwarded, mixed]).filter((flow) => flow?.unsteady)
        .length,
      edgeResume: spreadOf('edgeResume'),
      controlBack: spreadOf('controlBack'),
      forwardedBack: spreadOf('forwardedBack'),
      mixedBack: spreadOf('mixedBack'),
      mixedGap: spreadOf('mixedGap'),
      sameView: spreadOf('sameView'),
    };
  });
}

/** One row for each kind; p50 and p95 in milliseconds. */
export function recoveryTable(costs: readonly Cost[]): string {
  const rows = recoveries(costs).map((of) => ({
    fault: of.kind,
    rounds: of.rounds,
    'edge resume p50/p95': shown(of.edgeResume),
    'control back': shown(of.controlBack),
    'forwarded back': shown(of.forwardedBack),
    'mixed view back': shown(of.mixedBack),
    'mixed gap': shown(of.mixedGap),
    'same view': shown(of.sameView),
    unsteady: of.unsteady,
  }));
  return table(rows);
}

/** All of a run but its single rounds. */
export function report(seed: number, slack: number, result: ChaosResult): object {
  const { costs, violations, ended, texts, entries, documents, holes, refusals, toldAgain } = result;
  return {
    seed,
    slack,
    rounds: costs.length,
    judged: { texts, entries, documents },
    load: spread(costs.map(({ load }) => load)),
    runnerLateMs: spread(costs.map(({ lateMs }) => lateMs)),
    recoveries: recoveries(costs),
    violations,
    ended,
    holes,
    refusals: Object.fromEntries(refusals),
    toldAgain,
  };
}

function spread(numbers: readonly (number | undefined)[]): Spread {
  const sorted = numbers.filter((each) => each !== undefined).toSorted((a, b) => a - b);
  const at = (share: number): number | undefined =>
    sorted.length === 0 ? undefined : Math.round(percentile(sorted, share));
  const most = sorted.at(-1);
  return {
    times: sorted.length,
    p50: at(0.5),
    p95: at(0.95),
    most: most === undefined ? undefined : Math.round(most),
  };
}

function shown({ p50, p95 }: Spread): string {
  return p50 === undefined ? '–' : `${p50}/${p95}`;
}
