// Owns what a worker tells of its device and its video pipelines when it is asked. Pure.
import { maxPipelines, type MediaUse } from '../../schemas/device.ts';
import type { VideoMixerStats } from '../../schemas/worker.ts';
import type { RoomMixerStats } from '../mixing/node.ts';
import type { AgentDevice } from './agent-device.ts';

type Pipeline = MediaUse['pipelines'][number];

/** `mixers`: of all rooms. */
export function mediaUse(
  device: Pick<AgentDevice, 'told'> | undefined,
  mixers: readonly RoomMixerStats[],
): MediaUse {
  const pipelines = mixers
    .flatMap(({ room, stats }) => (stats.kind === 'video' ? pipeline(room, stats) : []))
    .sort((one, other) => other.share - one.share);
  return {
    ...(device === undefined ? {} : { device: device.told() }),
    pipelines: pipelines.slice(0, maxPipelines),
    more: Math.max(0, pipelines.length - maxPipelines),
  };
}

function pipeline(room: string, stats: VideoMixerStats): Pipeline {
  const { id, engine, framerate, decodeMs, composeMs, encodeMs, share = 0, queue = 0 } = stats;
  const { rebuilds, fallbacks, fallbackReason } = stats;
  return {
    room,
    mixer: id,
    engine,
    framerate,
    decodeMs,
    composeMs,
    encodeMs,
    share,
    queue,
    rebuilds,
    fallbacks,
    ...(fallbackReason === undefined ? {} : { fallbackReason }),
  };
}
