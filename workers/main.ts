// Owns a worker process: its configuration, its parts, and its end. Started by a parent over IPC; without the parent it
// has nothing to do and ends.
import { initLogger } from 'node-datachannel';
import * as v from 'valibot';
import { deviceWishSchema } from '../schemas/device.ts';
import { workerEndSchema } from '../schemas/worker-end.ts';
import { purposeSchema } from '../schemas/worker.ts';
import { AgentDevice } from './agent/agent-device.ts';
import { startAgent } from './agent/agent.ts';
import { createIpcBus } from './agent/ipc-bus.ts';
import { watchLoopDelay } from './agent/overload.ts';
import { watchMachineLoad } from './agent/machine-load.ts';
import { createFigures } from './agent/figures.ts';
import { parentProcess, tellParent } from './agent/parent-process.ts';
import { ReportQueue } from './agent/report-queue.ts';
import { steadyClock, stderrLog, systemClock } from './agent/system.ts';
import type { Log } from './clock.ts';
import { DeviceWatch } from './devices/device-watch.ts';
import { createLinkNode } from './link/node.ts';
import type { MixNode, MixNodeOptions } from './mixing/node.ts';
import { DeviceBudget, type DeviceBudgetOptions } from './mixing/device-budget.ts';
import { startMixing } from './mixing/start-mixing.ts';
import { type EngineChoice, engineChoiceSchema } from './engine/engine-choice.ts';
import { Routers } from './routing/routers.ts';
import { createWebRtcNode } from './webrtc/node.ts';

/** The JSON in the environment variable SLUICE_WORKER. */
const configurationSchema = v.object({
  id: v.pipe(v.string(), v.minLength(1), v.maxLength(128)),
  logLevel: v.optional(v.picklist(['info', 'warn', 'error', 'silent']), 'info'),
  logFormat: v.optional(v.picklist(['text', 'json']), 'text'),
  webrtc: v.optional(
    v.object({
      udpPort: v.optional(v.number(), 0),
      bindAddress: v.exactOptional(v.string()),
      announcedAddresses: v.optional(v.array(v.string()), []),
    }),
    {},
  ),
  purposes: v.exactOptional(v.array(purposeSchema)),
  /** Best first; the one that runs everywhere is there in the end. */
  engines: v.optional(v.pipe(v.array(engineChoiceSchema), v.maxLength(8)), []),
  /** Of the device among them: its worker host, whether it is used, and how much of it is this worker's. */
  device: v.exactOptional(
    v.object({ host: v.string(), state: deviceWishSchema, part: v.pipe(v.number(), v.minValue(0.001)) }),
  ),
  maxLoad: v.optional(v.number(), 0.85),
  /** The interface to measure, or '' to find it; what it carries each way; whether the whole machine's processors count. */
  load: v.optional(
    v.object({
      interfaceName: v.optional(v.string(), ''),
      networkMaxMbps: v.optional(v.number(), 1000),
      processors: v.optional(v.boolean(), false),
    }),
    {},
  ),
  isps: v.optional(v.array(v.string()), []),
  regions: v.optional(v.array(v.string()), []),
});

/** The good-bye needs a moment to leave through the IPC channel. */
const farewellMs = 100;
const closeWithinMs = 3000;
const figuresEveryMs = 3000;

/** Until the configuration is read. */
let log = stderrLog({ name: 'worker', level: 'info' });

process.on('uncaughtException', (error) => {
  log.error('the worker failed', { error });
  process.exit(1);
});
process.on('unhandledRejection', (error) => {
  log.error('the worker failed', { error });
  process.exit(1);
});

// They are sent to parent and children alike: the parent decides when its workers end.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);

await run();

async function run(): Promise<void> {
  const configuration = v.parse(configurationSchema, JSON.parse(process.env.SLUICE_WORKER ?? 'null'));
  const { id, webrtc: settings, purposes: offered, engines, maxLoad, isps, regions } = configuration;
  const logOf = stderrLog({
    name: `worker ${id}`,
    level: configuration.logLevel,
    format: configuration.logFormat,
    fields: { worker: id },
  });
  log = logOf;
  initLogger('Error', (level, message) => {
    logOf.warn(message, { from: 'libdatachannel', severity: level });
  });

  const bus = createIpcBus(parentProcess);
  const reports: ReportQueue = new ReportQueue({
    worker: id,
    bus,
    clock: systemClock,
    log: logOf,
    lost: (room) => {
      agent.drop(room);
    },
  });
  const routers = new Routers();
  const webrtc = await createWebRtcNode({
    routers,
    settings,
    clock: systemClock,
    log: logOf,
    report: (room, items) => {
      reports.add(room, items);
    },
  });
  const onDevice = engines.find((engine) => engine.device !== undefined);
  const node = onDevice?.device;
  const budget = onDevice && new DeviceBudget(budgetOptions(configuration, onDevice));
  const mixing = await mixingIfPossible({
    engines,
    ...(budget && { budget }),
    routers,
    clock: steadyClock,
    log: logOf,
    report: (room, items) => {
      reports.add(room, items);
    },
  });
  const { bindAddress, announcedAddresses } = settings;
  const links = createLinkNode({
    id,
    bus,
    routers,
    clock: systemClock,
    log: logOf,
    udpPort: webrtc.udpPort,
    ...(bindAddress === undefined ? {} : { bindAddress }),
    announcedAddresses,
  });
  const watch = node === undefined ? undefined : new DeviceWatch(node);
  const device =
    mixing && budget && watch && node !== undefined
      ? new AgentDevice({ host: configuration.device?.host ?? id, node, budget, watch, mixing })
      : undefined;
  const agent = startAgent({
    id,
    bus,
    clock: systemClock,
    log: logOf,
    reports,
    loopDelay: watchLoopDelay(),
    machineLoad: watchMachineLoad({
      ...configuration.load,
      addresses: [...announcedAddresses, ...(bindAddress === undefined ? [] : [bindAddress])],
    }),
    device,
    purposes: { webrtc, ...(mixing ? { mixing } : {}) },
    links,
    offered,
    routers,
    maxLoad,
    capacity: { isps, regions },
  });
  const figures = createFigures({
    state: () => agent.state,
    transports: () => webrtc.everyStats(),
    mixers: () => mixing?.everyStats().map(({ stats }) => stats) ?? [],
    links: () => links.stats(),
    device: () => device?.told(),
    process: () => {
      const { user, system } = process.cpuUsage();
      const { cpuMs, memoryBytes } = mixing?.apart() ?? { cpuMs: 0, memoryBytes: 0 };
      return {
        cpuSeconds: (user + system) / 1e6 + cpuMs / 1000,
        memoryBytes: process.memoryUsage.rss() + memoryBytes,
      };
    },
  });
  systemClock.every(figuresEveryMs, () => {
    tellParent(figures());
    void watch?.read(steadyClock.now(), mixing?.apart().pids).then(() => device?.observe());
  });
  const { udpPort: wanted } = settings;
  if (wanted !== 0 && webrtc.udpPort !== wanted) {
    logOf.warn('its UDP port is taken, it has the next free one: is that open in your firewall?', {
      ...{ wanted, udpPort: webrtc.udpPort },
    });
  }
  logOf.info('ready', {
    udpPort: webrtc.udpPort,
    mixing: mixing !== undefined,
    ...(mixing && {
      engines: mixing.engines.map(({ id, device: of }) => (of ? `${id} ${of}` : id)).join(', '),
    }),
  });

  let ending = false;
  const quit = (): void => {
    if (ending) return;
    ending = true;
    setTimeout(() => process.exit(1), closeWithinMs);
    void agent.close().then(() => {
      setTimeout(() => process.exit(0), farewellMs);
    });
  };
  process.on('message', (message) => {
    if (v.is(workerEndSchema, message)) quit();
  });
  process.once('disconnect', quit);
  if (!process.connected) quit();
}

function budgetOptions(
  { device }: v.InferOutput<typeof configurationSchema>,
  { pictureMs }: EngineChoice,
): DeviceBudgetOptions {
  return {
    ...(device && { state: device.state, part: device.part }),
    ...(pictureMs === undefined ? {} : { triedMs: pictureMs }),
  };
}

/** Without codec modules the worker forwards; rooms are told that nobody mixes. */
async function mixingIfPossible(options: Omit<MixNodeOptions, 'startThread'>): Promise<MixNode | undefined> {
  const disturbance = testDisturbance(options.log);
  const program = new URL('mixing-thread.js', import.meta.url);
  const processProgram = new URL('mixing-process.js', import.meta.url);
  try {
    const node = await startMixing({
      ...options,
      program,
      processProgram,
      wedgeable: disturbance === 'wedge',
    });
    // Only who may signal this process can do it, and only where the environment allows it.
    if (disturbance !== undefined) process.on('SIGUSR2', () => node.disturb(disturbance, 'video'));
    return node;
  } catch (error) {
    options.log.error('no mixing: streams are forwarded only', { error });
    return undefined;
  }
}

/** What SIGUSR2 does to a mixing thread: nothing, unless SLUICE_TEST_DISTURB says `kill` or `wedge`. */
function testDisturbance(log: Log): 'kill' | 'wedge' | undefined {
  const wish = process.env.SLUICE_TEST_DISTURB;
  if (wish !== 'kill' && wish !== 'wedge') return undefined;
  log.warn('SIGUSR2 disturbs a mixing thread, for tests', { wish });
  return wish;
}
