// Owns the shape of a metric: its name, kind, labels and meaning, said once, where it is counted, shown and documented. It
// counts nothing.

interface Named<Label extends string> {
  /** As Prometheus wants it: base units, counters end in `_total`. */
  readonly name: string;
  /** Their values are few: never an id of a room or participant. */
  readonly labels: readonly Label[];
  readonly help: string;
}

/** Only grows. */
export interface Counter<Label extends string = string> extends Named<Label> {
  readonly type: 'counter';
}

/** What is, now. */
export interface Gauge<Label extends string = string> extends Named<Label> {
  readonly type: 'gauge';
}

/** How often a value was at most each of `buckets`, which grow. */
export interface Histogram<Label extends string = string> extends Named<Label> {
  readonly type: 'histogram';
  readonly buckets: readonly number[];
}

export type MetricFamily<Label extends string = string> = Counter<Label> | Gauge<Label> | Histogram<Label>;

export function counter<const Label extends string>(
  name: string,
  labels: readonly Label[],
  help: string,
): Counter<Label> {
  return { type: 'counter', name, labels, help };
}

export function gauge<const Label extends string>(
  name: string,
  labels: readonly Label[],
  help: string,
): Gauge<Label> {
  return { type: 'gauge', name, labels, help };
}

export function histogram<const Label extends string>(
  name: string,
  labels: readonly Label[],
  help: string,
  buckets: readonly number[],
): Histogram<Label> {
  return { type: 'histogram', name, labels, help, buckets };
}
