// Owns what a media worker tells the process that started it about itself, for metrics: which figures there are, and their
// form on the IPC channel. The host adds the label `worker`, the worker's index on its machine.
import * as v from 'valibot';
import { counter, gauge } from './metric.ts';

export const workerFamilies = {
  cpu: counter(
    'sluice_worker_cpu_seconds_total',
    ['worker'],
    'Processor time of a media worker, all threads',
  ),
  memory: gauge('sluice_worker_resident_memory_bytes', ['worker'], 'Memory of a media worker'),
  loopDelay: gauge(
    'sluice_worker_event_loop_delay_seconds',
    ['worker'],
    'How late the media thread is: 90th percentile of the last second',
  ),
  overloaded: gauge(
    'sluice_worker_overloaded',
    ['worker'],
    '1 while the media thread is so late that the worker takes no new work',
  ),
  load: gauge(
    'sluice_worker_load',
    ['worker', 'purpose'],
    'How full a worker is for a purpose, 0 to 1, as the scheduler sees it',
  ),
  rooms: gauge('sluice_worker_rooms', ['worker'], 'Rooms that a worker has a part in'),
  transports: gauge('sluice_worker_transports', ['worker'], 'Peer connections with clients'),
  sources: gauge('sluice_worker_sources', ['worker'], 'RTP streams received from clients'),
  sinks: gauge('sluice_worker_sinks', ['worker'], 'RTP streams sent to clients'),
  packets: counter(
    'sluice_worker_packets_total',
    ['worker', 'direction'],
    'RTP packets from (in) and to (out) clients',
  ),
  bytes: counter(
    'sluice_worker_bytes_total',
    ['worker', 'direction'],
    'Their bytes, without IP, UDP and SRTP',
  ),
  lost: counter(
    'sluice_worker_packets_lost_total',
    ['worker', 'direction'],
    'Packets that did not arrive first-hand: from clients (in), or at clients, by their reports (out)',
  ),
  retransmissions: counter(
    'sluice_worker_retransmissions_total',
    ['worker', 'direction'],
    'Packets received (in) or sent (out) again',
  ),
  nacks: counter(
    'sluice_worker_nacks_total',
    ['worker', 'direction'],
    'Packets asked for again: of clients (in), by clients (out)',
  ),
  plis: counter(
    'sluice_worker_plis_total',
    ['worker', 'direction'],
    'Key frames asked for: of clients (in), by clients (out)',
  ),
  links: gauge(
    'sluice_worker_links',
    ['worker', 'state'],
    'Links to other workers: waiting, connecting or up',
  ),
  linkPackets: counter('sluice_worker_link_packets_total', ['worker', 'direction'], 'RTP packets over links'),
  linkBytes: counter('sluice_worker_link_bytes_total', ['worker', 'direction'], 'Their bytes'),
  linkLost: counter(
    'sluice_worker_link_packets_lost_total',
    ['worker', 'direction'],
    'Packets lost on links, repaired or not',
  ),
  mixers: gauge('sluice_worker_mixers', ['worker', 'kind'], 'Mixers and transcoders: video or audio'),
  mixSeconds: gauge(
    'sluice_worker_mix_seconds',
    ['worker', 'kind', 'quantile'],
    'Work for one picture (decode, compose, encode), or one period of 20 ms of sound, in the slowest mixer',
  ),
  mixFrames: gauge(
    'sluice_worker_mix_frames_per_second',
    ['worker', 'state'],
    'Pictures per second of all video mixers: wanted and made',
  ),
  mixRebuilds: counter(
    'sluice_worker_mix_rebuilds_total',
    ['worker'],
    'Mixing threads begun again after a crash or standstill',
  ),
  mixFallbacks: counter(
    'sluice_worker_mix_fallbacks_total',
    ['worker'],
    'Video mixers that went on with another media engine because theirs failed',
  ),
  mixEngines: gauge(
    'sluice_worker_mix_engines',
    ['worker', 'engine'],
    'Video mixers and transcoders by the media engine that makes their pictures',
  ),
  mixStageSeconds: gauge(
    'sluice_worker_mix_stage_seconds',
    ['worker', 'engine', 'stage', 'quantile'],
    'Work of an engine for one picture by stage (decode, compose, encode), in its slowest video mixer',
  ),
  mixEngineBusy: gauge(
    'sluice_worker_mix_engine_busy',
    ['worker', 'engine'],
    'Share of the time that an engine works, of all its video mixers together: above 1 where several do at a time',
  ),
  mixQueue: gauge(
    'sluice_worker_mix_queue',
    ['worker', 'engine'],
    'Pieces of work that wait for an engine, in the video mixer where it is most',
  ),
  gpuState: gauge(
    'sluice_worker_gpu_state',
    ['worker', 'state'],
    '1 for the state of the GPU of a worker: used, draining, drained or left-out',
  ),
  gpuTaken: gauge(
    'sluice_worker_gpu_taken_ratio',
    ['worker'],
    'How much of what a worker may use of its GPU its video mixers take, by measured time: from 1 on it takes no more',
  ),
  gpuBusy: gauge(
    'sluice_worker_gpu_busy_ratio',
    ['worker', 'unit'],
    'Share of a unit of its GPU that a worker keeps busy, 0 to 1: render, video, video-enhance, copy, compute or other',
  ),
  gpuMemory: gauge(
    'sluice_worker_gpu_memory_bytes',
    ['worker', 'region'],
    'Memory of its GPU that a worker has in use, by region: system, vram or as its driver calls it',
  ),
  gpuFrequency: gauge(
    'sluice_worker_gpu_frequency_hertz',
    ['worker', 'part'],
    'How fast parts of the GPU of a worker run now: gt0, and gt1 for media where it is apart',
  ),
} as const;
export type WorkerFigure = keyof typeof workerFamilies;

const figures = Object.keys(workerFamilies);

/** Absolute values; counters only grow while the process lives. Labels but `worker`. */
export const workerFiguresSchema = v.object({
  t: v.literal('figures'),
  figures: v.pipe(
    v.array(
      v.object({
        figure: v.custom<WorkerFigure>((name) => typeof name === 'string' && figures.includes(name)),
        labels: v.record(v.pipe(v.string(), v.maxLength(32)), v.pipe(v.string(), v.maxLength(32))),
        value: v.pipe(v.number(), v.finite()),
      }),
    ),
    v.maxLength(500),
  ),
});
export type WorkerFigures = v.InferOutput<typeof workerFiguresSchema>;
