// Owns what a worker tells its host of itself, for metrics: read every few seconds from what its parts count anyway, so that
// no packet costs more because somebody looks.
import { deviceStateSchema, type MediaUse } from '../../schemas/device.ts';
import type { LinkStats } from '../../schemas/link.ts';
import type { WorkerFigure, WorkerFigures } from '../../schemas/worker-metrics.ts';
import type { MixerStats, Purpose, TransportStats, VideoMixerStats } from '../../schemas/worker.ts';
import { CounterSums } from './counter-sums.ts';

/** How the worker fares as a whole. */
export interface AgentState {
  readonly rooms: number;
  readonly loopDelayMs: number;
  readonly overloaded: boolean;
  /** 0..1. */
  readonly load: Readonly<Partial<Record<Purpose, number>>>;
}

export interface FigureSources {
  readonly state: () => AgentState;
  readonly transports: () => readonly TransportStats[];
  readonly mixers: () => readonly MixerStats[];
  readonly links: () => readonly LinkStats[];
  /** Of the GPU, where the worker has one. */
  readonly device: () => MediaUse['device'] | undefined;
  readonly process: () => { readonly cpuSeconds: number; readonly memoryBytes: number };
}

/** Gives all figures as they are now, each time it is called. */
export function createFigures(sources: FigureSources): () => WorkerFigures {
  const media = new CounterSums(['packets', 'bytes', 'packetsLost', 'retransmissions', 'nacks', 'plis']);
  const crossing = new CounterSums(['packets', 'bytes', 'packetsLost']);
  const rebuilds = new CounterSums(['rebuilds']);
  const fallbacks = new CounterSums(['fallbacks']);

  return () => {
    const figures: WorkerFigures['figures'] = [];
    const add = (figure: WorkerFigure, value: number, labels: Record<string, string> = {}): void => {
      if (Number.isFinite(value)) figures.push({ figure, labels, value });
    };
    const { rooms, loopDelayMs, overloaded, load } = sources.state();
    const { cpuSeconds, memoryBytes } = sources.process();
    add('cpu', cpuSeconds);
    add('memory', memoryBytes);
    add('loopDelay', loopDelayMs / 1000);
    add('overloaded', overloaded ? 1 : 0);
    for (const [purpose, value] of Object.entries(load)) add('load', value, { purpose });
    add('rooms', rooms);

    const transports = sources.transports();
    add('transports', transports.length);
    add(
      'sources',
      transports.reduce((sum, { received }) => sum + received.length, 0),
    );
    add(
      'sinks',
      transports.reduce((sum, { sent }) => sum + sent.length, 0),
    );
    media.begin();
    for (const { transport, received, sent } of transports) {
      for (const each of received) media.take('in', `${transport} ${each.track} ${each.ssrc}`, { ...each });
      for (const each of sent) media.take('out', `${transport} ${each.track} ${each.ssrc}`, { ...each });
    }
    media.end();
    for (const direction of ['in', 'out'] as const) {
      const labels = { direction };
      add('packets', media.sum(direction, 'packets'), labels);
      add('bytes', media.sum(direction, 'bytes'), labels);
      add('lost', media.sum(direction, 'packetsLost'), labels);
      add('retransmissions', media.sum(direction, 'retransmissions'), labels);
      add('nacks', media.sum(direction, 'nacks'), labels);
      add('plis', media.sum(direction, 'plis'), labels);
    }

    const links = sources.links();
    for (const state of ['waiting', 'connecting', 'up'])
      add('links', links.filter((link) => link.state === state).length, { state });
    crossing.begin();
    for (const { peer, sent, received } of links) {
      crossing.take('in', peer, { ...received });
      crossing.take('out', peer, { ...sent });
    }
    crossing.end();
    for (const direction of ['in', 'out'] as const) {
      add('linkPackets', crossing.sum(direction, 'packets'), { direction });
      add('linkBytes', crossing.sum(direction, 'bytes'), { direction });
      add('linkLost', crossing.sum(direction, 'packetsLost'), { direction });
    }

    const mixers = sources.mixers();
    const video = mixers.filter((mixer) => mixer.kind === 'video');
    const audio = mixers.filter((mixer) => mixer.kind === 'audio');
    add('mixers', video.length, { kind: 'video' });
    add('mixers', audio.length, { kind: 'audio' });
    for (const [at, quantile] of [
      ['p50', '0.5'],
      ['p99', '0.99'],
    ] as const) {
      const pictures = video.map(
        ({ decodeMs, composeMs, encodeMs }) => decodeMs[at] + composeMs[at] + encodeMs[at],
      );
      add('mixSeconds', Math.max(0, ...pictures) / 1000, { kind: 'video', quantile });
      add('mixSeconds', Math.max(0, ...audio.map(({ mixMs }) => mixMs[at])) / 1000, {
        kind: 'audio',
        quantile,
      });
    }
    for (const state of ['wanted', 'made'] as const)
      add(
        'mixFrames',
        video.reduce((sum, { framerate }) => sum + framerate[state], 0),
        { state },
      );
    rebuilds.begin();
    for (const { id, rebuilds: count } of mixers) rebuilds.take('', id, { rebuilds: count });
    rebuilds.end();
    add('mixRebuilds', rebuilds.sum('', 'rebuilds'));
    fallbacks.begin();
    for (const { id, fallbacks: count } of video) fallbacks.take('', id, { fallbacks: count });
    fallbacks.end();
    add('mixFallbacks', fallbacks.sum('', 'fallbacks'));
    addEngines(add, video);
    addDevice(add, sources.device());
    return { t: 'figures', figures };
  };
}

type Add = (figure: WorkerFigure, value: number, labels?: Record<string, string>) => void;

const stages = [
  ['decode', 'decodeMs'],
  ['compose', 'composeMs'],
  ['encode', 'encodeMs'],
] as const;

/** By engine: how many it makes pictures for, how long it works, and how far behind the slowest is. */
function addEngines(add: Add, video: readonly VideoMixerStats[]): void {
  for (const engine of new Set(video.map((mixer) => mixer.engine))) {
    const on = video.filter((mixer) => mixer.engine === engine);
    add('mixEngines', on.length, { engine });
    const share = on.reduce((sum, mixer) => sum + (mixer.share ?? 0), 0);
    add('mixEngineBusy', share, { engine });
    add('mixQueue', Math.max(...on.map((mixer) => mixer.queue ?? 0)), { engine });
    for (const [stage, of] of stages) {
      for (const [at, quantile] of [
        ['p50', '0.5'],
        ['p99', '0.99'],
      ] as const)
        add('mixStageSeconds', Math.max(...on.map((mixer) => mixer[of][at])) / 1000, {
          engine,
          stage,
          quantile,
        });
    }
  }
}

function addDevice(add: Add, device: MediaUse['device'] | undefined): void {
  if (device === undefined) return;
  const { state, part, taken, busy, memoryBytes, frequencyHz } = device;
  for (const each of deviceStateSchema.options) add('gpuState', each === state ? 1 : 0, { state: each });
  add('gpuTaken', taken / part);
  for (const [unit, share] of Object.entries(busy)) add('gpuBusy', share, { unit });
  for (const [region, bytes] of Object.entries(memoryBytes)) add('gpuMemory', bytes, { region });
  for (const [part, hertz] of Object.entries(frequencyHz)) add('gpuFrequency', hertz, { part });
}
