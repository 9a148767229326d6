// Owns a media worker without media, for tests: holds documents, answers signaling, reports everything ready at once.
import * as v from 'valibot';
import { channelAt, channels, type Bus } from '../../schemas/bus.ts';
import { SluiceError } from '../../schemas/error.ts';
import type { Kind } from '../../schemas/media.ts';
import {
  workerRequestSchema,
  type DesiredRoom,
  type DesiredTransport,
  type Format,
  type MixerStats,
  type ReportItem,
  type WorkerAnnouncement,
  type WorkerRequest,
} from '../../schemas/worker.ts';
import { madeWorker } from '../store/conformance/made-worker.ts';

export interface ScriptedWorker {
  readonly id: string;
  /** Every document as it came. */
  readonly documents: DesiredRoom[];
  readonly signals: Extract<WorkerRequest, { type: 'signal' }>[];
  /** How many documents came, answered or not. */
  asked: number;
  /** What it tells of its mixers. */
  mixers: readonly MixerStats[];
  /** The formats in which it publishes; absent: the first that is acceptable. */
  formats: Partial<Record<Kind, Format>>;
  /** Set to leave documents without an answer. */
  deaf: boolean;
  announce(over?: Partial<Extract<WorkerAnnouncement, { type: 'alive' }>>): void;
  report(room: string, items: readonly ReportItem[]): Promise<unknown>;
  /** What it would report of its latest document. */
  readiness(): ReportItem[];
  /** Called by `die`. */
  dying: () => void;
  /** Falls silent without a word. */
  die(): void;
}

/** A worker on `bus`; it is not announced yet. With `eager` it reports what its documents ask for as ready. */
export function createScriptedWorker(bus: Bus, id: string, eager = true): ScriptedWorker {
  const documents: DesiredRoom[] = [];
  const signals: ScriptedWorker['signals'] = [];
  const reported = new Set<string>();
  let waiting: { version: number; answer: () => void }[] = [];

  function fresh(items: readonly ReportItem[]): ReportItem[] {
    return items.filter((item) => {
      const key = JSON.stringify(item);
      return reported.has(key) ? false : reported.add(key);
    });
  }

  async function answer(message: unknown): Promise<unknown> {
    const request = v.parse(workerRequestSchema, message);
    switch (request.type) {
      case 'desired': {
        worker.asked += 1;
        if (worker.deaf) return new Promise(() => undefined);
        documents.push(request.desired);
        const now = waiting.filter(({ version }) => version <= request.desired.version);
        waiting = waiting.filter((each) => !now.includes(each));
        for (const each of now) each.answer();
        const items = eager ? fresh(worker.readiness()) : [];
        if (items.length > 0) void worker.report(request.desired.room, items);
        return {};
      }
      case 'signal': {
        signals.push(request);
        const held = documents.at(-1)?.version ?? -1;
        if (held < request.version) {
          await new Promise<void>((resolve) => waiting.push({ version: request.version, answer: resolve }));
        }
        return request.signaling.type === 'offer' ? { answer: `answer to ${request.signaling.sdp}` } : {};
      }
      case 'stats':
        if (request.transport === 'none') throw new SluiceError('not-found', 'none');
        return { transport: request.transport, state: 'connected', received: [], sent: [] };
      case 'mixer-stats':
        return worker.mixers;
      case 'link-stats':
        return [];
      case 'link-signal':
        throw new SluiceError('not-found', 'no links here');
      case 'drain':
        return { rooms: 0 };
      case 'device':
        return { rooms: 0, mixers: 0 };
      case 'media-use':
        return { pipelines: [], more: 0 };
    }
  }

  const stop = bus.serve(channels.worker(id), answer);

  const worker: ScriptedWorker = {
    id,
    documents,
    signals,
    asked: 0,
    mixers: [],
    formats: {},
    deaf: false,
    announce(over = {}) {
      const announcement: WorkerAnnouncement = {
        ...madeWorker(id),
        ...over,
      };
      bus.publish(channels.workers, announcement);
    },
    report(room, items) {
      const home = documents.findLast((document) => document.room === room)?.home;
      return bus.request(channelAt(home, channels.reports(room)), { worker: id, room, items }, 1000);
    },
    readiness() {
      return (documents.at(-1)?.transports ?? []).flatMap((transport): ReportItem[] => [
        { type: 'transport-ready', transport: transport.id, ...resultOf(transport) },
        ...transport.publications.map((publication): ReportItem => ({
          type: 'publication-ready',
          publication: publication.id,
          tracks: publication.tracks.flatMap(({ mid, kind, formats }) =>
            [worker.formats[kind] ?? formats[0]].flatMap((format) =>
              format === undefined ? [] : [{ id: `${transport.id}-${mid}`, kind, mid, format }],
            ),
          ),
        })),
        ...transport.subscriptions.map((subscription): ReportItem => ({
          type: 'subscription-ready',
          subscription: subscription.id,
          ...(subscription.revision === undefined ? {} : { revision: subscription.revision }),
        })),
      ]);
    },
    dying: () => undefined,
    die() {
      worker.dying();
      stop();
    },
  };
  return worker;
}

/** What is told of work that tells something. */
function resultOf({
  id,
  work,
}: DesiredTransport): Pick<Extract<ReportItem, { type: 'transport-ready' }>, 'result'> {
  if (work?.do === 'record') return { result: { storage: { host: 'h', file: `${id}.${work.container}` } } };
  return work?.do === 'analyse' ? { result: { analytics: { found: work.algorithm } } } : {};
}
