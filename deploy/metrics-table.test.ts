// Owns the proof that METRICS.md says of each metric what the code does: its name, type, labels and meaning, in the table of
// the process that shows it.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { edgeFamilies } from '../edge/metrics/edge-families.ts';
import { hostFamilies } from '../edge/metrics/host-families.ts';
import { processFamilies } from '../edge/metrics/process-families.ts';
import { redisFamilies } from '../edge/metrics/redis-families.ts';
import { relayFamilies } from '../edge/metrics/relay-families.ts';
import type { MetricFamily } from '../schemas/metric.ts';
import { workerFamilies } from '../schemas/worker-metrics.ts';

const text = readFileSync(join(import.meta.dirname, 'METRICS.md'), 'utf8');

/** The rows below a heading that begins so, each as its cells. */
function table(heading: string): readonly (readonly string[])[] {
  const section = text.split(/^## /m).find((each) => each.startsWith(heading)) ?? '';
  return section
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .map((line) =>
      line
        .slice(2, -2)
        .split(' | ')
        .map((cell) => cell.trim()),
    );
}

function row({ name, type, labels, help }: MetricFamily): readonly string[] {
  return [`\`${name}\``, type, labels.map((label) => `\`${label}\``).join(', '), help];
}

const processes: readonly (readonly [heading: string, families: readonly MetricFamily[]])[] = [
  ['Every process\n', Object.values<MetricFamily>(processFamilies)],
  ['Every process with Redis', Object.values<MetricFamily>(redisFamilies)],
  ['Edge', Object.values<MetricFamily>(edgeFamilies)],
  [
    'Worker host',
    [...Object.values<MetricFamily>(hostFamilies), ...Object.values<MetricFamily>(workerFamilies)],
  ],
  ['Relay', Object.values<MetricFamily>(relayFamilies)],
];

it.each(processes)('the table of %j is that of the code', (heading, families) => {
  expect(table(heading)).toEqual(families.map(row));
});

it('names begin with sluice_, are there once, and say their unit; no label is an id', () => {
  const all = processes.flatMap(([, families]) => families);
  const names = all.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  for (const { name, type, labels } of all) {
    expect(name).toMatch(/^sluice_[a-z0-9_]+$/);
    expect(name.endsWith('_total')).toBe(type === 'counter');
    expect(labels).not.toContain('le');
    for (const label of labels) expect(label).not.toMatch(/^(room|participant|edge|id|session|stream)$/);
  }
  expect(text.match(/^\| `sluice_/gm)).toHaveLength(names.length);
});
