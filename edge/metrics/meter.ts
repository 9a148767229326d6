// Owns the counts of one process, and what they look like to Prometheus. Bounded: a family has at most `maxSeries` label
// values, so that a mistake costs counts, not memory. Knows no platform.
import type { MetricFamily } from '../../schemas/metric.ts';
import { exposition, type Series } from './exposition.ts';
import type { Metrics, Reading } from './metrics.ts';
import { processFamilies } from './process-families.ts';

export interface Meter extends Metrics {
  /** All families in Prometheus' text format, version 0.0.4. */
  text(): string;
}

const maxSeries = 1000;

interface Kept {
  readonly family: MetricFamily;
  readonly series: Map<string, MutableSeries>;
}
type MutableSeries = { -readonly [Key in keyof Series]: Series[Key] };

/** A meter that shows these families, and others as soon as they are counted. */
export function createMeter(families: readonly MetricFamily[], log: MeterLog): Meter {
  const kept = new Map<string, Kept>();
  const sources = new Set<() => readonly Reading[]>();

  function keep(family: MetricFamily): Kept {
    const known = kept.get(family.name);
    if (known) return known;
    const fresh: Kept = { family, series: new Map() };
    kept.set(family.name, fresh);
    // What has no labels exists from the beginning: a counter that appears with its first 1 has no rate.
    if (family.labels.length === 0 && family.type !== 'gauge') seriesOf(fresh, {});
    return fresh;
  }

  function seriesOf({ family, series }: Kept, labels: Readonly<Record<string, string>>) {
    const values = family.labels.map((label) => labels[label] ?? '');
    const key = values.join('\n');
    const known = series.get(key);
    if (known) return known;
    if (series.size >= maxSeries) return undefined;
    const fresh: MutableSeries = {
      values,
      value: 0,
      ...(family.type === 'histogram' && { counts: new Array<number>(family.buckets.length + 1).fill(0) }),
    };
    series.set(key, fresh);
    return fresh;
  }

  function add(family: MetricFamily, labels: Readonly<Record<string, string>>, by = 1): void {
    const series = seriesOf(keep(family), labels);
    if (series) series.value += by;
    else if (family.name !== processFamilies.dropped.name) add(processFamilies.dropped, {});
  }

  for (const family of families) keep(family);
  return {
    add,
    observe(family, labels, value) {
      const series = seriesOf(keep(family), labels);
      if (series?.counts === undefined) {
        add(processFamilies.dropped, {});
        return;
      }
      const bucket = family.buckets.findIndex((bound) => value <= bound);
      const index = bucket < 0 ? family.buckets.length : bucket;
      series.counts[index] = (series.counts[index] ?? 0) + 1;
      series.value += value;
    },
    read(source) {
      sources.add(source);
      return () => {
        sources.delete(source);
      };
    },
    text() {
      const shown = new Map(
        [...kept].map(([name, { family, series }]) => [name, { family, series: [...series.values()] }]),
      );
      for (const source of sources) {
        for (const { family, labels, value } of readings(source, log)) {
          const known = shown.get(family.name) ?? { family, series: [] };
          shown.set(family.name, known);
          // Kept by somebody else: then it is not the one that begins at 0 here.
          if (family.labels.length === 0) known.series.splice(0);
          if (known.series.length >= maxSeries) add(processFamilies.dropped, {});
          else known.series.push({ values: family.labels.map((label) => labels[label] ?? ''), value });
        }
      }
      return exposition([...shown.values()]);
    },
  };
}

interface MeterLog {
  error(message: string, fields?: Readonly<Record<string, unknown>>): void;
}

function readings(source: () => readonly Reading[], log: MeterLog): readonly Reading[] {
  try {
    return source();
  } catch (error) {
    log.error('some figures could not be read', { error });
    return [];
  }
}
