// Owns what every server process has for its operator: its log, its figures, whether it lives and is ready, and the
// listener that shows them. Every process begins with it, before it needs anything of others.
import type { Clock, Log } from '../../edge/clock.ts';
import { createMeter, type Meter } from '../../edge/metrics/meter.ts';
import { reading } from '../../edge/metrics/metrics.ts';
import { processFamilies } from '../../edge/metrics/process-families.ts';
import { createLog } from '../../edge/platform/node/log.ts';
import { startOperatorServer } from '../../edge/platform/node/operator-server.ts';
import { showProcess } from '../../edge/platform/node/process-figures.ts';
import type { LogFields } from '../../schemas/log-line.ts';
import type { MetricFamily } from '../../schemas/metric.ts';
import { Readiness } from './readiness.ts';
import type { Settings } from '../settings/settings.ts';

export interface Operations {
  readonly log: Log;
  readonly metrics: Meter;
  readonly readiness: Readiness;
  /** The operator's listener, where one is configured. Rejects with an Error that names the address. */
  listen(): Promise<void>;
  /** Idempotent. */
  close(): Promise<void>;
}

export function createOperations(options: {
  /** What the process is: `edge`, `worker`, `relay`, `standalone`. */
  readonly process: string;
  /** Stands in every line of its log. */
  readonly name: string;
  /** Stand in every line of the JSON form. */
  readonly fields?: LogFields;
  readonly settings: Pick<Settings, 'log' | 'metrics'>;
  readonly clock: Clock;
  /** What it counts, beside what all processes do. */
  readonly families: readonly Readonly<Record<string, MetricFamily>>[];
  /** Whether it lives; never a question to others. Default: as long as it answers. */
  readonly alive?: () => boolean;
}): Operations {
  const { name, settings, clock, families, fields, alive = () => true } = options;
  const metrics: Meter = createMeter([processFamilies, ...families].flatMap(membersOf), {
    error: (message, more) => log.error(message, more),
  });
  const log = createLog({
    name,
    ...settings.log,
    ...(fields && { fields }),
    counted: (level) => metrics.add(processFamilies.logLines, { level }),
  });
  const readiness = new Readiness();
  const stops = [
    showProcess(metrics, clock, options.process),
    metrics.read(() => [
      reading(processFamilies.ready, {}, readiness.reason === undefined ? 1 : 0),
      reading(processFamilies.draining, {}, readiness.draining ? 1 : 0),
    ]),
  ];
  let close = (): Promise<void> => Promise.resolve();
  return {
    log,
    metrics,
    readiness,
    async listen() {
      const { host, port } = settings.metrics;
      if (port === 0) return;
      const pages = { metrics: () => metrics.text(), alive, unready: () => readiness.reason };
      const server = await startOperatorServer({ host, port }, pages);
      log.info('metrics and health', { host, port: server.port });
      close = () => server.close();
    },
    async close() {
      for (const stop of stops.splice(0)) stop();
      await close();
    },
  };
}

function membersOf(families: Readonly<Record<string, MetricFamily>>): readonly MetricFamily[] {
  return Object.values(families);
}
