// Owns the configuration of a standalone server: its shape, defaults and where each value comes from (environment over
// file over default). What the keys mean to a person is in deploy/README.md.
import { readFileSync } from 'node:fs';
import { parse, TomlError } from 'smol-toml';
import * as v from 'valibot';
import { clusterSettingsSchema } from './cluster-settings.ts';
import { complaint } from './complaint.ts';
import { homeNameSchema } from '../../schemas/bus.ts';
import { mediaSettingsSchema } from './media-settings.ts';
import { jobsUrlSchema, redisUrlSchema } from './redis-url.ts';
import { relaySettingsSchema } from './relay-settings.ts';
import { turnSettingsSchema } from './turn-settings.ts';

const port = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(65535));
const seconds = v.pipe(v.number(), v.minValue(0), v.maxValue(7 * 86_400));
const text = v.string();
/** What workers do today; rooms know of more purposes. */
const served = ['webrtc', 'audio', 'video'] as const;
const loopback = /^(127\.|::1$|localhost$)/;

const fileSchema = v.strictObject({
  data_dir: v.optional(text, 'data'),
  http: v.optional(
    v.strictObject({
      enabled: v.optional(v.boolean(), true),
      host: v.optional(text, '0.0.0.0'),
      port: v.optional(port, 3000),
    }),
    {},
  ),
  https: v.optional(
    v.strictObject({
      enabled: v.optional(v.boolean(), true),
      host: v.optional(text, '0.0.0.0'),
      port: v.optional(port, 3004),
      cert: v.optional(text),
      key: v.optional(text),
    }),
    {},
  ),
  public: v.optional(
    v.strictObject({
      hostname: v.optional(text, ''),
      ip_address: v.optional(text, ''),
      network_interface: v.optional(text, ''),
      via_host: v.optional(text, ''),
      secure: v.optional(v.boolean()),
    }),
    {},
  ),
  webrtc: v.optional(
    v.strictObject({
      host: v.optional(text, ''),
      udp_port: v.optional(port, 3478),
      announced: v.optional(v.array(v.pipe(text, v.nonEmpty('must not be empty'))), []),
      ice_servers: v.optional(
        v.array(
          v.strictObject({
            urls: v.array(
              v.pipe(text, v.regex(/^(stun|turn)s?:./, 'must begin with stun:, turn: or turns:')),
            ),
            username: v.optional(text),
            credential: v.optional(text),
          }),
        ),
        [],
      ),
    }),
    {},
  ),
  turn: v.optional(turnSettingsSchema, {}),
  cluster: v.optional(clusterSettingsSchema, {}),
  redis: v.optional(
    v.strictObject({
      url: v.optional(redisUrlSchema, ''),
      rooms_url: v.optional(redisUrlSchema, ''),
      scheduling_url: v.optional(redisUrlSchema, ''),
      jobs_url: v.optional(jobsUrlSchema, ''),
    }),
    {},
  ),
  /** A Redis for the rooms made in each region. */
  homes: v.optional(
    v.record(
      homeNameSchema,
      v.strictObject({ url: v.pipe(redisUrlSchema, v.nonEmpty('must not be empty')) }),
    ),
    {},
  ),
  relay: v.optional(relaySettingsSchema, {}),
  worker: v.optional(
    v.strictObject({
      processes: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(256)), 0),
      purposes: v.exactOptional(v.array(v.picklist(served))),
      drain_seconds: v.optional(v.pipe(v.number(), v.minValue(0), v.maxValue(86_400)), 30),
    }),
    {},
  ),
  media: v.optional(mediaSettingsSchema, {}),
  edge: v.optional(
    v.strictObject({
      drain_seconds: v.optional(v.pipe(v.number(), v.minValue(0), v.maxValue(3600)), 10),
    }),
    {},
  ),
  metrics: v.optional(v.strictObject({ host: v.optional(text, '127.0.0.1'), port: v.optional(port, 0) }), {}),
  app: v.optional(v.strictObject({ enabled: v.optional(v.boolean(), true) }), {}),
  webhooks: v.optional(v.strictObject({ private_addresses: v.optional(v.boolean(), false) }), {}),
  management: v.optional(
    v.strictObject({
      timestamp_check: v.optional(v.boolean(), false),
      clock_window_s: v.optional(seconds, 0),
      replay_memory_s: v.optional(seconds, 3600),
      replay_grace_s: v.optional(seconds, 10),
    }),
    {},
  ),
  tokens: v.optional(
    v.strictObject({
      key_days: v.optional(v.pipe(v.number(), v.gtValue(0)), 30),
      strict_origin: v.optional(v.boolean(), false),
    }),
    {},
  ),
  log: v.optional(
    v.strictObject({
      level: v.optional(v.picklist(['info', 'warn', 'error', 'silent']), 'info'),
      format: v.optional(v.picklist(['text', 'json']), 'text'),
    }),
    {},
  ),
});
export type Settings = v.InferOutput<typeof fileSchema>;

/** What is neither is refused by the schema: a page that was to be off must not be on for a wrong word. */
const onOrOff = (value: string): unknown => ({ on: true, off: false })[value] ?? value;

/** Variables that stand for one key of the file, each with how its text becomes a value. */
const variables: Readonly<Record<string, readonly [path: string, read: (value: string) => unknown]>> = {
  SLUICE_DATA_DIR: ['data_dir', String],
  SLUICE_PORT: ['http.port', Number],
  SLUICE_HOST: ['http.host', String],
  SLUICE_HTTP: ['http.enabled', onOrOff],
  SLUICE_HTTPS_PORT: ['https.port', Number],
  SLUICE_HTTPS_HOST: ['https.host', String],
  SLUICE_HTTPS: ['https.enabled', onOrOff],
  SLUICE_HTTPS_CERT: ['https.cert', String],
  SLUICE_HTTPS_KEY: ['https.key', String],
  SLUICE_PUBLIC_HOSTNAME: ['public.hostname', String],
  SLUICE_PUBLIC_IP: ['public.ip_address', String],
  SLUICE_VIA_HOST: ['public.via_host', String],
  SLUICE_ISPS: ['cluster.isps', listed],
  SLUICE_REGIONS: ['cluster.regions', listed],
  SLUICE_MAX_LOAD: ['cluster.max_load', Number],
  SLUICE_UDP_PORT: ['webrtc.udp_port', Number],
  SLUICE_UDP_HOST: ['webrtc.host', String],
  SLUICE_ANNOUNCED: ['webrtc.announced', listed],
  SLUICE_TURN_URLS: ['turn.urls', listed],
  SLUICE_TURN_SECRETS: ['turn.secrets', listed],
  REDIS_URL: ['redis.url', String],
  SLUICE_REDIS_ROOMS_URL: ['redis.rooms_url', String],
  SLUICE_REDIS_SCHEDULING_URL: ['redis.scheduling_url', String],
  SLUICE_REDIS_JOBS_URL: ['redis.jobs_url', String],
  SLUICE_HOMES: ['homes', homesListed],
  SLUICE_HOME: ['cluster.home', String],
  SLUICE_FAR_MS: ['cluster.far_ms', Number],
  SLUICE_RELAY_TO: ['relay.to', String],
  SLUICE_RELAY_LISTEN: ['relay.listen', String],
  SLUICE_RELAY_PASSWORD: ['relay.password', String],
  SLUICE_WORKER_PROCESSES: ['worker.processes', Number],
  SLUICE_PURPOSES: ['worker.purposes', listed],
  SLUICE_MEDIA_ENGINES: ['media.engines', listed],
  SLUICE_MEDIA_DEVICE: ['media.device', String],
  SLUICE_MEDIA_TRY_SECONDS: ['media.try_seconds', Number],
  SLUICE_DRAIN_SECONDS: ['worker.drain_seconds', Number],
  SLUICE_WEBHOOKS_PRIVATE: ['webhooks.private_addresses', onOrOff],
  SLUICE_APP: ['app.enabled', onOrOff],
  SLUICE_EDGE_DRAIN_SECONDS: ['edge.drain_seconds', Number],
  SLUICE_METRICS_HOST: ['metrics.host', String],
  SLUICE_METRICS_PORT: ['metrics.port', Number],
  SLUICE_LOG: ['log.level', String],
  SLUICE_LOG_FORMAT: ['log.format', String],
};

/** All of them: deployments name no others. */
export const settingVariables: readonly string[] = Object.keys(variables);

type Environment = Readonly<Record<string, string | undefined>>;

/** A configuration that cannot be used; `message` says where and why, fit to be shown. */
export class SettingsError extends Error {}

/**
 * Reads TOML text and environment variables. Throws SettingsError that names the file's key or line, or the variable;
 * `file` is what the file is called there.
 */
export function readSettings(toml: string, env: Environment, file?: string): Settings {
  const inFile = file === undefined ? '' : `${file}: `;
  let given: Record<string, unknown>;
  try {
    given = parse(toml);
  } catch (error) {
    throw new SettingsError(`${inFile}${notToml(error)}`, { cause: error });
  }
  for (const [name, [path, read]] of Object.entries(variables)) {
    const value = env[name];
    if (value !== undefined && value !== '') given = put(given, path.split('.'), read(value));
  }
  const result = v.safeParse(fileSchema, given);
  if (!result.success) {
    throw new SettingsError(result.issues.map((issue) => explain(issue, env, inFile)).join('\n'));
  }
  const settings = { ...result.output, public: inEnvironment(result.output.public, env) };
  if (!settings.http.enabled && !settings.https.enabled) {
    throw new SettingsError('http.enabled and https.enabled are both false: nothing would listen');
  }
  const { home } = settings.cluster;
  if (home !== '' && !Object.hasOwn(settings.homes, home)) {
    throw new SettingsError(`cluster.home: there is no homes.${home}`);
  }
  if ((settings.https.cert === undefined) !== (settings.https.key === undefined)) {
    throw new SettingsError('https.cert and https.key belong together: give both or neither');
  }
  return settings;
}

/** Reads `path`, or the optional `sluice.toml` when no path is given, and the environment. Throws SettingsError. */
export function loadSettings(path: string | undefined, env: Environment = process.env): Settings {
  const file = path ?? 'sluice.toml';
  let toml: string;
  try {
    toml = readFileSync(file, 'utf8');
  } catch (error) {
    const missing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    if (missing && path === undefined) return readSettings('', env);
    const why = missing ? 'there is no such file' : String(error);
    throw new SettingsError(`cannot read ${file}: ${why}`, { cause: error });
  }
  return readSettings(toml, env, file);
}

/** Where and why; the lines around it, which the parser quotes, may hold secrets. */
function notToml(error: unknown): string {
  if (!(error instanceof TomlError)) return 'not TOML';
  const [why = ''] = error.message.split('\n');
  return `line ${error.line}, column ${error.column}: ${why}`;
}

function listed(value: string): readonly string[] {
  return value.split(',').map((one) => one.trim());
}

/** `west=redis://… east=redis://…`. */
function homesListed(value: string): Readonly<Record<string, { readonly url: string }>> {
  const each = value.split(/\s+/).map((one): [string, { url: string }] => {
    const [name = '', ...url] = one.split('=');
    return [name, { url: url.join('=') }];
  });
  return Object.fromEntries(each);
}

/** Texts that are `$NAME` are the value of that variable: addresses are often known only where the process runs. */
function inEnvironment(given: Settings['public'], env: Environment): Settings['public'] {
  const read = (key: 'hostname' | 'ip_address' | 'via_host'): string => {
    const name = /^\$(\w+)$/.exec(given[key])?.[1];
    if (name === undefined) return given[key];
    const value = env[name];
    if (value === undefined || value === '') {
      throw new SettingsError(`public.${key}: the environment has no variable ${name}`);
    }
    return value;
  };
  return { ...given, hostname: read('hostname'), ip_address: read('ip_address'), via_host: read('via_host') };
}

/** Tokens send clients to HTTPS unless nothing but this machine can connect anyway. */
export function tokensAreSecure({ http, https, public: { secure } }: Settings): boolean {
  if (!https.enabled) return false;
  return secure ?? (!http.enabled || !loopback.test(http.host));
}

function put(
  table: Record<string, unknown>,
  path: readonly string[],
  value: unknown,
): Record<string, unknown> {
  const [name = '', ...rest] = path;
  if (rest.length === 0) return { ...table, [name]: value };
  const inner = table[name];
  const known = typeof inner === 'object' && inner !== null ? Object.fromEntries(Object.entries(inner)) : {};
  return { ...table, [name]: put(known, rest, value) };
}

/** One line: where, and what is wrong there. */
function explain(issue: v.BaseIssue<unknown>, env: Environment, inFile: string): string {
  const key = v.getDotPath(issue) ?? '';
  // The value of a list is wrong at one of its members.
  const [name] = Object.entries(variables).find(([, [path]]) => key.replace(/\.\d+$/, '') === path) ?? [];
  const given = name === undefined ? undefined : env[name];
  const variable = given === '' ? undefined : given;
  const where = name === undefined ? key : `${key} (${name})`;
  return `${variable === undefined ? inFile : ''}${where}: ${complaint(issue, variable)}`;
}
