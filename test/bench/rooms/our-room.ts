// Owns running a room through our pipeline in this process: packets in at the times at which they would come, frames out,
// and the processor time of it all.
import type { DesiredVideoMixer, VideoMixerStats } from '../../../schemas/worker.ts';
import type { EngineSession, MediaEngine } from '../../../workers/engine/engine.ts';
import { createVideoPipeline } from '../../../workers/video/video-pipeline.ts';
import { type Participant, payloadType } from './made-room.ts';

export interface RoomRun {
  readonly cpuMs: number;
  readonly frames: number;
  readonly bytes: number;
  readonly stats: VideoMixerStats;
}

const pictureMs = 1000 / 30;

/** A grid of `side`×`side` tiles, as 1280×720 at 30 pictures/s. */
export function gridView(count: number, side: number, bitrateKbps: number): DesiredVideoMixer {
  const format = { codec: 'h264' } as const;
  return {
    kind: 'video',
    id: 'room/video',
    background: { r: 0, g: 0, b: 0 },
    fit: 'letterbox',
    inputs: Array.from({ length: count }, (_, index) => ({
      id: `in${index}`,
      stream: `stream${index}`,
      layers: [{ track: `track${index}`, format }],
      active: true,
      region: {
        id: String(index + 1),
        shape: 'rectangle' as const,
        area: {
          left: `${index % side}/${side}`,
          top: `${Math.floor(index / side)}/${side}`,
          width: `1/${side}`,
          height: `1/${side}`,
        },
      },
    })),
    outputs: [
      {
        track: 'out',
        format,
        resolution: { width: 1280, height: 720 },
        framerate: 30,
        bitrateKbps,
        keyFrameInterval: 100,
      },
    ],
  };
}

/** Processor time of this process so far. */
export function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** All pictures of all participants, each of whom has a phase of its own. `judges`: who watches the engine's. */
export async function runRoom(
  given: MediaEngine,
  view: DesiredVideoMixer,
  participants: readonly Participant[],
  judges?: readonly MediaEngine[],
): Promise<RoomRun> {
  let frames = 0;
  let bytes = 0;
  let session: EngineSession | undefined;
  const { id: engineId, capabilities, worksApart } = given;
  // What an engine that works apart says of its times is left out: neighbours must not look like a full machine.
  const open = async (failed: Parameters<MediaEngine['open']>[0]): Promise<EngineSession> =>
    (session = await given.open(failed));
  let framed = (): void => undefined;
  /** Waits while the engine has much to do; woken by pictures, as a room is, for looking again and again costs time too. */
  const settled = async (): Promise<void> => {
    while ((session?.backlog ?? 0) > participants.length + 2) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, 20);
        framed = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  };
  const pipeline = await createVideoPipeline({
    engine: { id: engineId, capabilities, worksApart, open },
    ...(judges && { judges }),
    out: {
      frame: ({ payloads }) => {
        frames++;
        for (const { length } of payloads) bytes += length;
        framed();
      },
      requestKeyFrame: () => undefined,
      ages: () => undefined,
      speaker: () => undefined,
      tapped: () => undefined,
    },
    // Processor time: what neighbours do must not look like a full machine. An engine that works apart is not asked for it.
    measure: worksApart ? () => 0 : cpuMs,
  });
  const beginMs = 1_000_000;
  pipeline.configure(view, beginMs);
  for (const [index, { id }] of view.inputs.entries()) {
    const format = { codec: 'h264' } as const;
    pipeline.begin({ line: index + 1, input: id, format, payloadType, clockRate: 90_000 });
  }
  const arrivals = participants
    .flatMap(({ pictures }, index) =>
      pictures.map((packets, at) => ({
        line: index + 1,
        packets,
        atMs: beginMs + (at + ((index * 0.37) % 1)) * pictureMs,
      })),
    )
    .sort((a, b) => a.atMs - b.atMs);
  const before = cpuMs();
  let wakeMs = beginMs;
  let lastMs = beginMs;
  for (const { line, packets, atMs } of arrivals) {
    for (; wakeMs <= atMs; wakeMs = pipeline.tick(wakeMs)) {
      lastMs = wakeMs;
      if (worksApart) await settled();
    }
    for (const packet of packets) pipeline.receive(line, packet, atMs);
  }
  for (let seen = -1; worksApart && seen < frames;) {
    seen = frames;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  const usedMs = cpuMs() - before;
  const stats = pipeline.stats(lastMs);
  pipeline.close();
  if (stats.kind !== 'video') throw new Error('not a video pipeline');
  return { cpuMs: usedMs, frames, bytes, stats };
}
