// Owns the proof that dashboards are what Grafana imports and ask for metrics that exist; `SLUICE_PROMETHEUS=URL` runs
// every query there too and wants an answer without an error.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { documentedMetrics, unknownNames } from '../prometheus/unknown-names.ts';
import { grafanaJson } from './dashboard.ts';
import { dashboards } from './dashboards.ts';

const read = (path: string): string => readFileSync(join(import.meta.dirname, path), 'utf8');
const metrics = documentedMetrics(read('../METRICS.md'));
const recorded = new Set(
  [...read('../prometheus/rules/recording.yml').matchAll(/record: (\S+)/g)].map(([, name = '']) => name),
);

const whole = v.pipe(v.number(), v.integer(), v.minValue(0));
const datasource = v.strictObject({ type: v.literal('prometheus'), uid: v.literal('${datasource}') });
const gridPos = v.strictObject({ x: whole, y: whole, w: v.pipe(whole, v.maxValue(24)), h: whole });
const target = v.strictObject({
  refId: v.pipe(v.string(), v.regex(/^[A-Z]$/)),
  datasource,
  expr: v.string(),
  legendFormat: v.string(),
  range: v.boolean(),
  instant: v.boolean(),
});
const unit = v.picklist(['short', 's', 'bps', 'bytes', 'percentunit', 'reqps', 'ops', 'pps']);
const panelSchema = v.variant('type', [
  v.looseObject({ type: v.literal('row'), id: whole, title: v.string(), gridPos }),
  ...(['timeseries', 'stat'] as const).map((type) =>
    v.looseObject({
      type: v.literal(type),
      id: whole,
      title: v.string(),
      gridPos,
      datasource,
      targets: v.pipe(v.array(target), v.minLength(1)),
      fieldConfig: v.looseObject({ defaults: v.looseObject({ unit }), overrides: v.array(v.unknown()) }),
    }),
  ),
]);
const dashboardSchema = v.looseObject({
  uid: v.pipe(v.string(), v.regex(/^sluice-[a-z]+$/)),
  title: v.string(),
  schemaVersion: v.literal(39),
  refresh: v.string(),
  time: v.strictObject({ from: v.string(), to: v.string() }),
  templating: v.strictObject({
    list: v.array(v.looseObject({ name: v.string(), type: v.picklist(['datasource', 'query']) })),
  }),
  panels: v.array(panelSchema),
});

const queries = Object.entries(dashboards).flatMap(([name, { rows }]) =>
  rows.flatMap((row) =>
    row.panels.flatMap((panel) =>
      Object.values(panel.queries).map((expr) => [`${name}: ${row.title}: ${panel.title}`, expr] as const),
    ),
  ),
);

describe.each(Object.entries(dashboards))('dashboard %s', (name, dashboard) => {
  const json = grafanaJson(dashboard);

  it('is what its file holds: node deploy/run.mjs deploy/grafana/write.ts', () => {
    expect(JSON.parse(read(`dashboards/${name}.json`))).toEqual(json);
  });

  it('has the form that Grafana imports', () => {
    expect(v.safeParse(dashboardSchema, json).issues).toBeUndefined();
  });

  it('has panels that do not overlap, with ids of their own', () => {
    const { panels } = v.parse(dashboardSchema, json);
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    const taken = new Set<string>();
    for (const { gridPos: at, title } of panels) {
      expect(at.x + at.w, title).toBeLessThanOrEqual(24);
      for (let x = at.x; x < at.x + at.w; x++)
        for (let y = at.y; y < at.y + at.h; y++) {
          expect(taken.has(`${x},${y}`), title).toBe(false);
          taken.add(`${x},${y}`);
        }
    }
  });

  it('offers the variables that its queries use', () => {
    const { templating } = v.parse(dashboardSchema, json);
    const offered = templating.list.map((each) => each.name);
    const used = [...JSON.stringify(dashboard.rows).matchAll(/\$(\w+)/g)].map(([, variable]) => variable);
    expect(offered).toEqual(expect.arrayContaining([...new Set(used)]));
  });
});

it.each(queries)('%s asks for what there is', (_, expr) => {
  expect(unknownNames(expr, metrics, recorded)).toEqual([]);
});

it('provisioning finds the dashboards and names a data source', () => {
  expect(parse(read('provisioning/dashboards/sluice.yml'))).toMatchObject({
    apiVersion: 1,
    providers: [{ type: 'file', options: { path: '/etc/grafana/dashboards' } }],
  });
  expect(parse(read('provisioning/datasources/prometheus.yml'))).toMatchObject({
    apiVersion: 1,
    datasources: [{ type: 'prometheus', url: 'http://127.0.0.1:9090' }],
  });
});

const prometheus = process.env.SLUICE_PROMETHEUS;
if (prometheus !== undefined) {
  describe('at a Prometheus', () => {
    it.each(queries)('%s is answered', async (title, expr) => {
      const url = new URL('/api/v1/query', prometheus);
      url.searchParams.set('query', expr.replaceAll('$instance', '.*'));
      const reply = (await (await fetch(url)).json()) as { status: string; data?: { result: unknown[] } };
      expect(reply.status).toBe('success');
      if (reply.data?.result.length === 0) console.warn(`nothing: ${title}`);
    });
  });
}
