// Owns the settings of scheduling, their defaults, and which strategy a purpose has (spec cluster §4, §10).
import type { ScheduledPurpose } from '../../schemas/worker.ts';
import { strategies, type Strategy } from './strategy.ts';

type PerPurpose<T> = Readonly<Partial<Record<ScheduledPurpose, T>>>;

export interface Scheduling {
  /** Names as configured; `general` is for purposes without their own. */
  readonly strategy: PerPurpose<string> & { readonly general?: string };
  /** Whether a worker of another region may serve where none of the wanted one can. */
  readonly regionFallback: PerPurpose<boolean>;
  /** How long a task keeps its worker where the demand does not say. */
  readonly reserveMs: number;
  /** The load, 0..1, that a new task is taken to add until a report contains it. */
  readonly cost: PerPurpose<number>;
}

const ownStrategies: Readonly<Record<ScheduledPurpose, Strategy>> = {
  portal: 'last-used',
  webrtc: 'last-used',
  sip: 'round-robin',
  streaming: 'round-robin',
  recording: 'randomly-pick',
  audio: 'most-used',
  video: 'least-used',
  analytics: 'least-used',
};

/** A login costs an edge next to nothing; a mixed view or an analysed stream is a good part of a core. */
export const estimatedCost: Readonly<Record<ScheduledPurpose, number>> = {
  portal: 0.0001,
  webrtc: 0.001,
  sip: 0.005,
  streaming: 0.01,
  recording: 0.005,
  audio: 0.01,
  video: 0.05,
  analytics: 0.05,
};

export const defaultScheduling: Scheduling = {
  strategy: {},
  regionFallback: {},
  reserveMs: 60_000,
  cost: {},
};

/**
 * The strategy of a purpose: its own setting, else `general`, else what it has by nature. `unknown` is told a name that
 * there is no strategy of; it counts as `randomly-pick`.
 */
export function strategyOf(
  { strategy }: Pick<Scheduling, 'strategy'>,
  purpose: ScheduledPurpose,
  unknown: (name: string) => void,
): Strategy {
  const name = strategy[purpose] ?? strategy.general ?? ownStrategies[purpose];
  const known = strategies.find((candidate) => candidate === name);
  if (known === undefined) unknown(name);
  return known ?? 'randomly-pick';
}
