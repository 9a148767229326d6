// Owns what a dashboard shows in one place: a number as it is now, or how some went.

export interface Panel {
  readonly title: string;
  /** Of Grafana: `short`, `s`, `bps`, `bytes`, `percentunit`, `reqps`, `ops`, `pps`. */
  readonly unit: string;
  /** Legend to PromQL. */
  readonly queries: Readonly<Record<string, string>>;
  readonly kind: 'timeseries' | 'stat';
  /** What it means when it moves, where the title does not say so. */
  readonly about?: string;
  /** Of the axis, where it is fixed. */
  readonly max?: number;
}

/** One number as it is now. */
export function stat(title: string, unit: string, query: string, about?: string): Panel {
  return { title, unit, queries: { '': query }, kind: 'stat', ...(about === undefined ? {} : { about }) };
}

/** Lines over time: legend to PromQL. */
export function graph(
  title: string,
  unit: string,
  queries: Panel['queries'],
  more: Pick<Panel, 'about' | 'max'> = {},
): Panel {
  return { title, unit, queries, kind: 'timeseries', ...more };
}
