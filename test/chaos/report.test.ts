import { expect, it } from 'vitest';
import { recoveries, recoveryTable } from './report.ts';
import type { Cost } from './run.ts';

const cost = (kind: Cost['kind'], more: Partial<Cost> = {}): Cost => ({
  kind,
  resumeMs: [],
  heardMs: 10,
  forwarded: [],
  mixed: undefined,
  quietMs: 5,
  load: 1,
  lateMs: 0,
  ...more,
});

it('tells by kind how long things took to come back, and leaves out what never did', () => {
  const costs = [
    ...Array.from({ length: 20 }, (_, index) =>
      cost('mixer', { mixed: { backMs: index * 10, gapMs: 7, unsteady: index === 3 } }),
    ),
    cost('mixer', { heardMs: undefined }),
    cost('edge', { resumeMs: [100, 300, 200] }),
  ];
  const [mixer, edge] = recoveries(costs);
  expect(mixer).toMatchObject({
    kind: 'mixer',
    rounds: 21,
    unsteady: 1,
    mixedBack: { times: 20, p50: 100, p95: 190, most: 190 },
    controlBack: { times: 20, p50: 10, p95: 10 },
    edgeResume: { times: 0, p50: undefined },
  });
  expect(edge).toMatchObject({ kind: 'edge', rounds: 1, edgeResume: { p50: 200, p95: 300, most: 300 } });
  expect(recoveryTable(costs)).toMatch(/mixer +21 +– +10\/10 +– +100\/190/);
});
