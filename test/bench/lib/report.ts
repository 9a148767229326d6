// Owns how a benchmark talks: a table for people and one last line of JSON for programs.

export type Row = Readonly<Record<string, string | number>>;

export interface BenchResult {
  readonly bench: string;
  /** Ours against the baseline; what is better is said by `better`. */
  readonly ratio: number;
  readonly better: 'higher' | 'lower';
  readonly baseline: string;
  readonly goal?: string;
  readonly details: Readonly<Record<string, unknown>>;
}

export interface Benchmark {
  readonly name: string;
  readonly about: string;
  run(): Promise<BenchResult>;
}

/** A plain text table; columns come from the first row. */
export function table(rows: readonly Row[]): string {
  const columns = Object.keys(rows[0] ?? {});
  const cell = (row: Row, column: string): string => String(row[column] ?? '');
  const width = columns.map((c) => Math.max(c.length, ...rows.map((r) => cell(r, c).length)));
  const line = (cells: readonly string[]): string =>
    cells.map((text, i) => (i === 0 ? text.padEnd(width[i] ?? 0) : text.padStart(width[i] ?? 0))).join('  ');
  return [
    line(columns),
    line(width.map((w) => '-'.repeat(w))),
    ...rows.map((r) => line(columns.map((c) => cell(r, c)))),
  ].join('\n');
}

export function progress(text: string): void {
  process.stderr.write(`  ${text}\n`);
}

/** The value below which the share `p` of the sorted list lies; NaN for none. */
export function percentile(sorted: readonly number[], p: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * p))] ?? Number.NaN;
}

export function round(value: number, digits = 2): number {
  return Number(value.toFixed(digits));
}

export function median(values: readonly number[]): number {
  return percentile(
    values.toSorted((a, b) => a - b),
    0.5,
  );
}
