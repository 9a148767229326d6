// Owns the proof that the units start what the build makes, with settings that are good and time to drain.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readSettings, settingVariables } from '../settings/settings.ts';

const read = (path: string): string => readFileSync(join(import.meta.dirname, path), 'utf8');
const builds = readFileSync(join(import.meta.dirname, '../build.mjs'), 'utf8');
const names = readdirSync(import.meta.dirname).flatMap(
  (file) => /^sluice-(\w+)\.service$/.exec(file)?.[1] ?? [],
);

function valuesOf(unit: string, key: string): readonly string[] {
  return [...unit.matchAll(new RegExp(`^${key}=(.*)$`, 'gm'))].map(([, value = '']) => value);
}

/** The variables of an example, what has to be filled in filled in. */
function variablesOf(file: string): Readonly<Record<string, string>> {
  const lines = [...read(file).matchAll(/^(\w+)=(.*)$/gm)];
  return Object.fromEntries(
    lines.map(([, name = '', value = '']) => [name, value === '' ? 'filled-in' : value]),
  );
}

it('there is a unit for each kind of process', () => {
  expect(names.toSorted()).toEqual(['coturn', 'edge', 'relay', 'worker']);
});

describe.each(names)('sluice-%s.service', (name) => {
  const unit = read(`sluice-${name}.service`);
  const files = valuesOf(unit, 'EnvironmentFile').map((path) => /(\w+)\.env$/.exec(path)?.[1] ?? '');
  const given = Object.assign({}, ...files.map((file) => variablesOf(`${file}.example.env`))) as Record<
    string,
    string
  >;

  it('ends the main process first, by SIGTERM, and the rest at the end of its time', () => {
    expect(valuesOf(unit, 'KillMode')).toEqual(['mixed']);
    expect(valuesOf(unit, 'KillSignal')).toEqual([]);
  });

  it('runs as nobody special, without means to become more', () => {
    expect(valuesOf(unit, 'User')).toEqual([name === 'coturn' ? 'turnserver' : 'sluice']);
    for (const key of ['NoNewPrivileges', 'ProtectHome', 'PrivateTmp', 'RestrictSUIDSGID'])
      expect(valuesOf(unit, key), key).toEqual(['yes']);
    expect(valuesOf(unit, 'ProtectSystem')).toEqual(['strict']);
    // A JIT writes what it runs.
    expect(unit).not.toContain('MemoryDenyWriteExecute');
  });

  it.skipIf(name === 'coturn')('starts what the build makes', () => {
    const [, program] = /build\/server\/([\w-]+)\.js$/.exec(valuesOf(unit, 'ExecStart')[0] ?? '') ?? [];
    expect(builds).toContain(`'${program}': './deploy/`);
  });

  it.skipIf(name === 'coturn')('is configured by settings that are good, and has the time to drain', () => {
    const own = valuesOf(unit, 'Environment').flatMap((line) => line.split(' '));
    const env = { ...given, ...Object.fromEntries(own.map((each) => each.split('=') as [string, string])) };
    for (const variable of Object.keys(env)) expect([...settingVariables, 'NODE_ENV']).toContain(variable);
    const settings = readSettings('', env);
    const drainSeconds =
      { edge: settings.edge.drain_seconds, worker: settings.worker.drain_seconds }[name] ?? 0;
    expect(Number.parseInt(valuesOf(unit, 'TimeoutStopSec')[0] ?? '', 10)).toBeGreaterThan(drainSeconds + 6);
  });
});

it('coturn gets what start.sh reads', () => {
  const script = readFileSync(join(import.meta.dirname, '../coturn/start.sh'), 'utf8');
  const variables = [...read('turn.example.env').matchAll(/^#?([A-Z_]+)=/gm)].map(([, name = '']) => name);
  expect(variables).toHaveLength(5);
  for (const variable of variables) expect(script).toContain(`\${${variable}`);
});
