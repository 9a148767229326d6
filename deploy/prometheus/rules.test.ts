// Owns the proof that rules ask for metrics that exist, and that alerts say what to do; promtool checks and runs them where
// it is installed.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { documentedMetrics, unknownNames } from './unknown-names.ts';

const read = (path: string): string => readFileSync(join(import.meta.dirname, path), 'utf8');
const ruleSchema = v.union([
  v.strictObject({ record: v.string(), expr: v.string() }),
  v.strictObject({
    alert: v.pipe(v.string(), v.regex(/^Sluice[A-Z]\w+$/)),
    expr: v.string(),
    for: v.optional(v.pipe(v.string(), v.regex(/^\d+[sm]$/))),
    labels: v.strictObject({ severity: v.picklist(['page', 'ticket']) }),
    annotations: v.strictObject({ summary: v.string(), action: v.string() }),
  }),
]);
const fileSchema = v.strictObject({
  groups: v.array(v.strictObject({ name: v.string(), rules: v.array(ruleSchema) })),
});
const rules = ['rules/recording.yml', 'rules/alerts.yml'].flatMap((path) =>
  v.parse(fileSchema, parse(read(path))).groups.flatMap((group) => group.rules),
);
const recorded = new Set(rules.flatMap((rule) => ('record' in rule ? [rule.record] : [])));
const metrics = documentedMetrics(read('../METRICS.md'));
const promtool = (...args: string[]) =>
  spawnSync('promtool', args, { cwd: import.meta.dirname, encoding: 'utf8' });
const installed = promtool('--version').status === 0;

describe('rules', () => {
  it.each(rules.map((rule) => ['record' in rule ? rule.record : rule.alert, rule.expr] as const))(
    '%s asks for what there is',
    (_, expr) => expect(unknownNames(expr, metrics, recorded)).toEqual([]),
  );

  it('have names of their own', () => {
    const names = rules.map((rule) => ('record' in rule ? rule.record : rule.alert));
    expect(new Set(names).size).toBe(names.length);
  });

  it.skipIf(!installed)('are what promtool takes', () => {
    expect(promtool('check', 'config', 'prometheus.yml')).toMatchObject({ status: 0 });
  });

  it.skipIf(!installed)('fire when they should, as promtool runs them', () => {
    const { status, stdout, stderr } = promtool('test', 'rules', 'alerts.test.yml');
    expect([status, stdout + stderr]).toEqual([0, expect.stringContaining('SUCCESS') as string]);
  });
});
