import { expect, it } from 'vitest';
import { documentedMetrics, unknownNames } from './unknown-names.ts';

const metrics = documentedMetrics(`
| name | type | labels | meaning |
| \`sluice_a_total\`   | counter   | \`kind\`, \`outcome\` | Some |
| \`sluice_b_seconds\` | histogram |                       | Time |
| \`sluice_c\`         | gauge     | \`state\`             | Now  |
`);

it.each([
  ['sum by (kind) (rate(sluice_a_total{outcome!="ok", job="x"}[1m])) > 0', []],
  ['histogram_quantile(0.9, sum by (le) (rate(sluice_b_seconds_bucket[5m])))', []],
  ['sluice_c and on (instance) up{job=~"a|b"} == 1', []],
  ['a:sluice_c:sum{purpose="x"}', []],
  ['rate(sluice_d_total[1m])', ['sluice_d_total']],
  ['rate(sluice_b_seconds[1m])', ['sluice_b_seconds']],
  ['sluice_c_bucket', ['sluice_c_bucket']],
  ['sum by (room) (sluice_c)', ['room']],
  ['sluice_c{kind="x"}', ['kind']],
  ['b:sluice_c:sum', ['b:sluice_c:sum']],
  ['median(sluice_c)', ['median']],
])('%s names %j that there is not', (expr, unknown) => {
  expect(unknownNames(expr, metrics, new Set(['a:sluice_c:sum']))).toEqual(unknown);
});
