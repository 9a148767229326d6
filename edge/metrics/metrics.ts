// Owns the contract by which the parts of a process count what its operator wants to see. How it is kept and shown is
// `meter.ts`.
import type { Unsubscribe } from '../../schemas/bus.ts';
import type { Counter, Gauge, Histogram, MetricFamily } from '../../schemas/metric.ts';

export type Labels<Label extends string> = Readonly<Record<Label, string>>;

/** A value as it is when it is looked at: of a gauge, or of a counter that somebody else keeps. */
export interface Reading {
  readonly family: MetricFamily;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** Nothing here ever throws or waits. */
export interface Metrics {
  add<Label extends string>(family: Counter<Label>, labels: Labels<Label>, by?: number): void;
  observe<Label extends string>(family: Histogram<Label>, labels: Labels<Label>, value: number): void;
  /** `source` is asked each time somebody looks, and must answer at once from memory. */
  read(source: () => readonly Reading[]): Unsubscribe;
}

export function reading<Label extends string>(
  family: Gauge<Label> | Counter<Label>,
  labels: Labels<Label>,
  value: number,
): Reading {
  return { family, labels, value };
}

/** Counts nothing. */
export const noMetrics: Metrics = {
  add: () => undefined,
  observe: () => undefined,
  read: () => () => undefined,
};
