// Owns the proof that the manifests fit the repository: settings, ports, probes, time to drain, images, and that what refers
// to something finds it. With kubectl the overlays are built as `kubectl apply -k` would.
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { stagesOf } from '../containers/instructions.ts';
import { readSettings, settingVariables } from '../settings/settings.ts';

const here = import.meta.dirname;
const read = (path: string): string => readFileSync(join(here, path), 'utf8');
const labels = v.record(v.string(), v.string());
const named = v.looseObject({ name: v.string() });
const probe = v.optional(
  v.looseObject({ httpGet: v.optional(v.looseObject({ path: v.string(), port: v.string() })) }),
);
const containerSchema = v.looseObject({
  name: v.string(),
  image: v.string(),
  ports: v.array(
    v.looseObject({ name: v.string(), containerPort: v.number(), hostPort: v.optional(v.number()) }),
  ),
  env: v.optional(v.array(v.looseObject({ name: v.string(), value: v.optional(v.string()) })), []),
  startupProbe: probe,
  livenessProbe: probe,
  readinessProbe: probe,
  resources: v.looseObject({ requests: v.looseObject({ cpu: v.string(), memory: v.string() }) }),
  securityContext: v.looseObject({
    allowPrivilegeEscalation: v.literal(false),
    readOnlyRootFilesystem: v.literal(true),
    capabilities: v.strictObject({ drop: v.strictTuple([v.literal('ALL')]) }),
  }),
  volumeMounts: v.optional(v.array(named), []),
});
const podSchema = v.looseObject({
  automountServiceAccountToken: v.literal(false),
  hostNetwork: v.optional(v.boolean(), false),
  terminationGracePeriodSeconds: v.optional(v.number(), 30),
  securityContext: v.looseObject({
    runAsNonRoot: v.literal(true),
    seccompProfile: v.strictObject({ type: v.literal('RuntimeDefault') }),
  }),
  containers: v.strictTuple([containerSchema]),
  volumes: v.optional(v.array(named), []),
});
const workloadSchema = v.looseObject({
  apiVersion: v.literal('apps/v1'),
  kind: v.picklist(['Deployment', 'DaemonSet', 'StatefulSet']),
  metadata: named,
  spec: v.looseObject({
    selector: v.strictObject({ matchLabels: labels }),
    template: v.looseObject({ metadata: v.looseObject({ labels }), spec: podSchema }),
    volumeClaimTemplates: v.optional(v.array(v.looseObject({ metadata: named })), []),
  }),
});
type Workload = v.InferOutput<typeof workloadSchema>;
const versions: Readonly<Record<string, string>> = {
  Service: 'v1',
  ConfigMap: 'v1',
  PodDisruptionBudget: 'policy/v1',
  HorizontalPodAutoscaler: 'autoscaling/v2',
  Ingress: 'networking.k8s.io/v1',
  NetworkPolicy: 'networking.k8s.io/v1',
  PodMonitor: 'monitoring.coreos.com/v1',
  Deployment: 'apps/v1',
  DaemonSet: 'apps/v1',
  StatefulSet: 'apps/v1',
};
const objectSchema = v.looseObject({ apiVersion: v.string(), kind: v.string(), metadata: named });

const documents = (text: string): readonly unknown[] =>
  parseAllDocuments(text).map((each) => each.toJS() as unknown);
const files = readdirSync(here, { recursive: true, encoding: 'utf8' }).filter((path) =>
  path.endsWith('.yaml'),
);
const kustomizations = files.filter((path) => path.endsWith('kustomization.yaml'));
const objects = files
  .filter((path) => !kustomizations.includes(path))
  .flatMap((path) => documents(read(path)).map((each) => v.parse(objectSchema, each)));
const workloads = objects.flatMap((each) =>
  v.is(workloadSchema, each) ? [v.parse(workloadSchema, each)] : [],
);
const workload = (name: string): Workload => {
  const found = workloads.find(({ metadata }) => metadata.name === name);
  if (found === undefined) throw new Error(`no workload ${name}`);
  return found;
};
const containerOf = ({ spec }: Workload) => spec.template.spec.containers[0];
const kustomizationSchema = v.looseObject({
  configMapGenerator: v.optional(v.array(v.looseObject({ literals: v.array(v.string()) })), []),
  resources: v.optional(v.array(v.string()), []),
  components: v.optional(v.array(v.string()), []),
});
const literalsOf = (path: string): Readonly<Record<string, string>> =>
  Object.fromEntries(
    v
      .parse(kustomizationSchema, parse(read(path)))
      .configMapGenerator.flatMap(({ literals }) => literals)
      .map((each) => [each.slice(0, each.indexOf('=')), each.slice(each.indexOf('=') + 1)]),
  );
const common = literalsOf('base/kustomization.yaml');
/** In no file: secrets, and what only the node knows. */
const elsewhere = {
  REDIS_URL: 'redis://redis:6379',
  SLUICE_TURN_SECRETS: 'secret',
  SLUICE_RELAY_TO: 'redis://home:6379',
  SLUICE_RELAY_PASSWORD: 'secret',
};
const settingsOf = (name: string, literals: Readonly<Record<string, string>> = common) =>
  readSettings('', {
    ...elsewhere,
    ...literals,
    ...Object.fromEntries(
      containerOf(workload(name)).env.map(({ name: key, value = '' }) => [
        key,
        value.replace('$(NODE_ADDRESS)', '192.0.2.1'),
      ]),
    ),
  });

it('every object is of a kind and version that clusters have', () => {
  for (const { kind, apiVersion, metadata } of objects)
    expect([metadata.name, apiVersion]).toEqual([metadata.name, versions[kind]]);
  expect(workloads.map(({ metadata }) => metadata.name).toSorted()).toEqual(
    ['coturn', 'edge', 'redis', 'relay', 'worker'].toSorted(),
  );
});

describe.each(workloads.map((each) => [each.metadata.name, each] as const))('%s', (name, each) => {
  const { spec } = each.spec.template;
  const container = containerOf(each);

  it('selects its own pods, mounts what it has, and has ports on a node only where it is on its network', () => {
    expect(each.spec.template.metadata.labels).toMatchObject(each.spec.selector.matchLabels);
    const volumes = [...spec.volumes, ...each.spec.volumeClaimTemplates.map(({ metadata }) => metadata)];
    expect(volumes.map((volume) => volume.name)).toEqual(container.volumeMounts.map((mount) => mount.name));
    for (const { containerPort, hostPort } of container.ports)
      expect(hostPort).toBe(spec.hostNetwork ? containerPort : undefined);
  });

  it('runs an image of ours that can be built, or one by version', () => {
    const target = /^sluice\/(.+)$/.exec(container.image)?.[1];
    if (target === undefined) expect(container.image).toMatch(/^docker\.io\/.+:\d+\.\d+\.\d+/);
    else {
      const stages = stagesOf(read('../containers/Containerfile')).map((stage) => stage.name);
      expect(stages).toContain(target);
    }
  });

  it.skipIf(!['edge', 'worker', 'relay'].includes(name))(
    'is configured by settings, and asked how it is',
    () => {
      const ours = container.env
        .map((variable) => variable.name)
        .filter((variable) => variable !== 'NODE_ADDRESS');
      for (const variable of ours) expect(settingVariables).toContain(variable);
      const settings = settingsOf(name);
      const ports = Object.fromEntries(container.ports.map((port) => [port.name, port.containerPort]));
      expect(ports.metrics).toBe(settings.metrics.port);
      expect([
        settings.http.port,
        settings.webrtc.udp_port,
        Number(settings.relay.listen.split(':')[1]),
      ]).toContain(ports.http ?? ports.media ?? ports.redis);
      expect(container.livenessProbe?.httpGet).toEqual({ path: '/healthz', port: 'metrics' });
      expect(container.readinessProbe?.httpGet).toEqual({ path: '/readyz', port: 'metrics' });
      if (container.startupProbe !== undefined)
        expect(container.startupProbe.httpGet).toEqual({ path: '/healthz', port: 'metrics' });
    },
  );
});

it('edges and workers have the time to drain', () => {
  const graceOf = (name: string) => workload(name).spec.template.spec.terminationGracePeriodSeconds;
  expect(graceOf('edge')).toBeGreaterThan(settingsOf('edge').edge.drain_seconds + 6);
  expect(graceOf('worker')).toBeGreaterThan(settingsOf('worker').worker.drain_seconds + 10);
});

const selecting = v.looseObject({
  spec: v.looseObject({
    selector: v.optional(v.union([v.looseObject({ matchLabels: labels }), labels])),
    podSelector: v.optional(v.looseObject({ matchLabels: v.optional(labels) })),
    scaleTargetRef: v.optional(named),
  }),
});
it.each(objects.filter(({ kind }) => !['Ingress', 'PodMonitor', 'ConfigMap'].includes(kind)))(
  '$kind $metadata.name is for pods that there are',
  (object) => {
    const { spec } = v.parse(selecting, object);
    const selectors = [spec.selector, spec.podSelector?.matchLabels ?? {}];
    const wanted = selectors.map((selector = {}) => {
      const inner = v.safeParse(v.looseObject({ matchLabels: labels }), selector);
      return inner.success ? inner.output.matchLabels : selector;
    });
    const known = workloads.map((each) => each.spec.template.metadata.labels);
    for (const each of wanted) {
      if (Object.keys(each).length > 0) expect(known).toContainEqual(expect.objectContaining(each));
    }
    if (spec.scaleTargetRef !== undefined)
      expect(() => workload(spec.scaleTargetRef?.name ?? '')).not.toThrow();
  },
);

const overlays = kustomizations.filter((path) => path.startsWith('overlays'));
it.each(overlays)('%s gives settings that are good', (path) => {
  const literals = { ...common, ...literalsOf(path) };
  for (const variable of Object.keys(literals)) expect(settingVariables).toContain(variable);
  expect(settingsOf('edge', literals).turn.urls).toHaveLength(2);
  expect(settingsOf('edge', literals).public.via_host).toMatch(/^https:\/\//);
});

const kubectl = spawnSync('kubectl', ['version', '--client'], { encoding: 'utf8' }).status === 0;
describe.skipIf(!kubectl)('kubectl kustomize', () => {
  it.each(overlays)('builds %s, every reference to a setting or secret resolved', (path) => {
    const built = spawnSync('kubectl', ['kustomize', join(here, path, '..')], { encoding: 'utf8' });
    expect([built.status, built.stderr]).toEqual([0, '']);
    const made = documents(built.stdout).map((each) => v.parse(objectSchema, each));
    const [settings] = made.filter(({ kind }) => kind === 'ConfigMap').map(({ metadata }) => metadata.name);
    expect(settings).toMatch(/^sluice-settings-\w+$/);
    expect(built.stdout).toContain(`name: ${settings}\n`);
    expect(built.stdout).not.toMatch(/image: sluice\/[\w-]+\n/);
    const secrets = [...built.stdout.matchAll(/secretRef:\s+name: ([\w-]+)/g)].map(([, secret]) => secret);
    const known = ['sluice-secrets', 'sluice-relay'];
    for (const secret of secrets) expect(known).toContain(secret);
    for (const each of made) expect(each.metadata.namespace).toBe('sluice');
  });
});
