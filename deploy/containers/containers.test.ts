// Owns the proof that the images and compose.yaml say what the repository does: files, programs, settings, ports.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { denoFlags } from '../programs/deno-command.ts';
import { readSettings, settingVariables } from '../settings/settings.ts';
import { inherited, stagesOf } from './instructions.ts';

const root = join(import.meta.dirname, '../..');
const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const stages = stagesOf(read('deploy/containers/Containerfile'));
const targets = ['edge', 'edge-deno', 'worker', 'relay', 'coturn'];
const ours = targets.filter((name) => name !== 'coturn');
const last = (target: string, word: string): string =>
  inherited(stages, target).findLast((each) => each.word === word)?.text ?? '';
const bundles = [...read('deploy/build.mjs').matchAll(/'?([\w-]+)'?: '\.\/\w+\/[\w/-]+\.ts'/g)].map(
  ([, name]) => `build/server/${name}.js`,
);
const packageSchema = v.looseObject({ devDependencies: v.looseObject({ deno: v.string() }) });

describe('Containerfile', () => {
  it.each(stages.map(({ name, from }) => [name, from] as const))('%s begins with %s, pinned', (_, from) => {
    if (stages.some(({ name }) => name === from)) return;
    expect(from).toMatch(/^docker\.io\/[\w/-]+:(?:bin-)?\d+\.\d+(?:\.\d+)?(?:-[\w-]+)?$/);
  });

  it.each(
    stages.flatMap(({ name, instructions }) =>
      instructions.filter(({ word }) => word === 'COPY').map(({ text }) => [name, text] as const),
    ),
  )('%s copies what there is: %s', (_, text) => {
    const words = text.split(' ');
    const from = /^--from=(.+)$/.exec(words[0] ?? '')?.[1];
    if (from !== undefined) {
      expect(stages.map(({ name }) => name)).toContain(from);
      return;
    }
    const kept = read('.dockerignore');
    for (const source of words.slice(0, -1)) {
      expect(existsSync(join(root, source)), source).toBe(true);
      expect(kept).toContain(`!${source.split('/')[0] ?? ''}\n`);
    }
  });

  it.each(targets)('%s is no root, ends by SIGTERM, and has an init that passes it on', (target) => {
    expect(last(target, 'USER')).toMatch(/^(1000:1000|turnserver)$/);
    expect(last(target, 'STOPSIGNAL')).toBe('SIGTERM');
    expect(last(target, 'ENTRYPOINT')).toMatch(/^\["tini", "--", /);
  });

  it.each(ours)('%s starts a program that the build makes, and is asked how it is', (target) => {
    const command = v.parse(v.array(v.string()), JSON.parse(last(target, 'CMD')));
    expect(bundles).toContain(command[0]);
    expect(last(target, 'HEALTHCHECK')).toContain('"health.mjs"');
  });

  it('sets only what is a setting, and shows the ports of its defaults', () => {
    const known = new Set([
      ...settingVariables,
      'NODE_ENV',
      'XDG_CACHE_HOME',
      'DENO_NO_UPDATE_CHECK',
      'DENO_DIR',
    ]);
    const { http, https, webrtc, relay } = readSettings('', {});
    const ports = [http.port, https.port, `${webrtc.udp_port}/udp`, Number(relay.listen.split(':')[1]), 9464];
    const turn = ['3478', '3478/udp', '5349', '49152-65535/udp'];
    for (const { word, text } of stages.flatMap(({ instructions }) => instructions)) {
      if (word === 'ENV')
        for (const [, name = ''] of text.matchAll(/(?:^| )(\w+)=/g)) expect(known).toContain(name);
      if (word === 'EXPOSE')
        for (const port of text.split(' ')) expect([...ports.map(String), ...turn]).toContain(port);
    }
  });

  it('gives Deno the rights of npm run edge:deno, and its version', () => {
    const settings = readSettings('', { SLUICE_DATA_DIR: '/data' });
    const flags = denoFlags(settings, {
      program: '/sluice/build/server/edge-node.js',
      config: '/sluice/sluice.toml',
    });
    expect(JSON.parse(last('edge-deno', 'ENTRYPOINT'))).toEqual(['tini', '--', 'deno', ...flags]);
    const { devDependencies } = v.parse(packageSchema, JSON.parse(read('package.json')));
    expect(stages.find(({ name }) => name === 'deno')?.from).toBe(
      `docker.io/denoland/deno:bin-${devDependencies.deno}`,
    );
  });
});

const composeSchema = v.looseObject({
  services: v.record(
    v.string(),
    v.looseObject({
      image: v.string(),
      build: v.optional(v.looseObject({ target: v.string(), dockerfile: v.string() })),
      environment: v.optional(v.record(v.string(), v.string()), {}),
      volumes: v.optional(v.array(v.string()), []),
      stop_grace_period: v.optional(v.string(), '10s'),
      network_mode: v.string(),
    }),
  ),
  volumes: v.record(v.string(), v.unknown()),
});
const example = Object.fromEntries(
  [...read('deploy/containers/example.env').matchAll(/^#?(\w+)=(.*)$/gm)].map(([, name = '', value = '']) => [
    name,
    value === '' ? 'something' : value,
  ]),
);

/** As compose does; throws where a variable is needed that the example does not have. */
function substituted(text: string, env: Readonly<Record<string, string>>): string {
  return text.replace(/\$\{(\w+)(:[?-])?([^}]*)\}/g, (_, name: string, kind: string, otherwise: string) => {
    if (kind === ':?' && env[name] === undefined) throw new Error(`${name} is not in example.env`);
    return env[name] ?? otherwise;
  });
}

describe('compose.yaml', () => {
  const text = substituted(read('deploy/containers/compose.yaml'), example);
  const { services, volumes } = v.parse(composeSchema, parse(text, { merge: true }));
  const settings = (name: string) => readSettings('', services[name]?.environment ?? {});
  const sluice = ['edge-1', 'edge-2', 'worker-1', 'worker-2'];

  it.each(Object.entries(services))(
    '%s has an image by name and version, and what it mounts',
    (_, service) => {
      expect(service.image).toMatch(/:[v\d][\w.-]*\d[\w-]*$/);
      if (service.build !== undefined) {
        expect(targets).toContain(service.build.target);
        expect(service.image).toContain(service.build.target);
        expect(existsSync(join(root, service.build.dockerfile))).toBe(true);
      }
      for (const [source = ''] of service.volumes.map((volume) => volume.split(':')))
        if (source.startsWith('.')) expect(existsSync(join(import.meta.dirname, source)), source).toBe(true);
        else expect(Object.keys(volumes)).toContain(source);
    },
  );

  it.each(sluice)('%s is configured by settings that are good', (name) => {
    for (const variable of Object.keys(services[name]?.environment ?? {}))
      expect(settingVariables).toContain(variable);
    expect(settings(name).redis.url).toBe('redis://127.0.0.1:6379');
  });

  it('gives each process ports of its own, where Prometheus looks', () => {
    const all = sluice.map(settings);
    const tcp = all.flatMap(({ http, https, metrics }, index) =>
      index < 2 ? [http.port, https.port, metrics.port] : [metrics.port],
    );
    expect(new Set(tcp).size).toBe(tcp.length);
    const scraped = [...read('deploy/prometheus/prometheus.yml').matchAll(/127\.0\.0\.1:(\d+)/g)];
    expect(scraped.map(([, port]) => Number(port))).toEqual(all.map(({ metrics }) => metrics.port));
    const [first, second] = [settings('worker-1'), settings('worker-2')];
    expect(second.webrtc.udp_port - first.webrtc.udp_port).toBeGreaterThanOrEqual(first.worker.processes);
  });

  it('waits for what drains', () => {
    for (const name of sluice) {
      const { edge, worker } = settings(name);
      const drainSeconds = name.startsWith('edge') ? edge.drain_seconds : worker.drain_seconds;
      const grace = Number.parseInt(services[name]?.stop_grace_period ?? '', 10);
      expect(grace, name).toBeGreaterThanOrEqual(drainSeconds + 6);
    }
  });
});
