// Owns Prometheus' text format 0.0.4 as it is written (prometheus.io/docs/instrumenting/exposition_formats). Pure.
import type { MetricFamily } from '../../schemas/metric.ts';

export interface Series {
  /** In the order of the family's labels. */
  readonly values: readonly string[];
  /** Of a histogram the sum. */
  readonly value: number;
  /** Of a histogram: what fell into each bucket, and above the last one. */
  readonly counts?: number[];
}

export const expositionType = 'text/plain; version=0.0.4; charset=utf-8';

/** The text of all families; those without series are named all the same. */
export function exposition(
  shown: readonly { readonly family: MetricFamily; readonly series: readonly Series[] }[],
): string {
  const lines: string[] = [];
  for (const { family, series } of shown) {
    lines.push(`# HELP ${family.name} ${escapedHelp(family.help)}`, `# TYPE ${family.name} ${family.type}`);
    for (const each of series) {
      const labels = family.labels.map(
        (label, index) => `${label}="${escapedValue(each.values[index] ?? '')}"`,
      );
      if (family.type !== 'histogram') {
        lines.push(`${family.name}${braced(labels)} ${each.value}`);
        continue;
      }
      let count = 0;
      for (const [index, bound] of [...family.buckets, '+Inf'].entries()) {
        count += each.counts?.[index] ?? 0;
        lines.push(`${family.name}_bucket${braced([...labels, `le="${bound}"`])} ${count}`);
      }
      lines.push(
        `${family.name}_sum${braced(labels)} ${each.value}`,
        `${family.name}_count${braced(labels)} ${count}`,
      );
    }
  }
  return `${lines.join('\n')}\n`;
}

function braced(labels: readonly string[]): string {
  return labels.length === 0 ? '' : `{${labels.join(',')}}`;
}

function escapedHelp(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
}

function escapedValue(text: string): string {
  return escapedHelp(text).replaceAll('"', '\\"');
}
