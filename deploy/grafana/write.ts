// Owns `node deploy/run.mjs deploy/grafana/write.ts`: the dashboards as JSON files, for Grafana to read.
import { writeFileSync } from 'node:fs';
import { grafanaJson } from './dashboard.ts';
import { dashboards } from './dashboards.ts';

for (const [name, dashboard] of Object.entries(dashboards)) {
  const text = JSON.stringify(grafanaJson(dashboard), undefined, 2);
  writeFileSync(`deploy/grafana/dashboards/${name}.json`, `${text}\n`);
}
