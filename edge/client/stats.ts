// Owns statistics of media as rates: what getStats counts since the beginning, turned into what happened since the last
// look. Pure: a report and the last look's counters in, rows and new counters out.

/** Rates over the time since the last look; a field that the report cannot give is absent. */
export interface MediaStats {
  readonly mid: string;
  readonly rid?: string;
  readonly kind: 'audio' | 'video';
  readonly direction: 'sent' | 'received';
  readonly codec?: string;
  readonly bitrateBps?: number;
  /** Frames encoded or decoded a second. */
  readonly framesPerSecond?: number;
  readonly width?: number;
  readonly height?: number;
  /** 0 to 1. Of what is sent, as the other side reports it. */
  readonly lossRatio?: number;
  readonly roundTripMs?: number;
  readonly jitterMs?: number;
  readonly freezes?: number;
  /** Mean time between arrival and showing (or sounding) since the last look. */
  readonly bufferMs?: number;
  /** The sender's clock at what is shown or heard now, in ms since 1900; tells skew between two of one sender. */
  readonly playoutMs?: number;
  /** Root mean square, 0 to 1. */
  readonly audioLevel?: number;
  readonly totals: MediaTotals;
}

/** Counted since the stream began on its present peer connection. */
export interface MediaTotals {
  readonly bytes: number;
  readonly packets: number;
  readonly packetsLost: number;
  /** Encoded or decoded. */
  readonly frames?: number;
  readonly audioEnergy?: number;
}

interface Counters {
  readonly atMs: number;
  readonly bytes: number;
  readonly frames: number | undefined;
  readonly packets: number;
  readonly lost: number;
  readonly energy: number | undefined;
  readonly seconds: number | undefined;
  /** Seconds that frames or samples waited, all together, and how many they were. */
  readonly waited: number | undefined;
  readonly emitted: number | undefined;
}
/** Counters of the last look, by direction, mid and ssrc. */
export type StatsMemory = ReadonlyMap<string, Counters>;

/** As much of RTCStatsReport as is needed. */
export interface StatsReport {
  forEach(visit: (entry: unknown) => void): void;
}

type Entry = Readonly<Record<string, unknown>>;

/** Reads every outbound and inbound RTP stream of a report (W3C webrtc-stats §8). */
export function sampleStats(
  report: StatsReport,
  earlier: StatsMemory,
): { readonly rows: readonly MediaStats[]; readonly memory: StatsMemory } {
  const entries = new Map<string, Entry>();
  report.forEach((entry) => {
    if (isEntry(entry)) entries.set(text(entry.id) ?? '', entry);
  });
  const roundTripMs = pathRoundTrip(entries);
  const memory = new Map<string, Counters>();
  const rows: MediaStats[] = [];
  for (const entry of entries.values()) {
    const type = entry.type;
    if (type !== 'outbound-rtp' && type !== 'inbound-rtp') continue;
    const mid = text(entry.mid);
    const kind = entry.kind;
    if (mid === undefined || (kind !== 'audio' && kind !== 'video')) continue;
    const direction = type === 'outbound-rtp' ? 'sent' : 'received';
    const other = direction === 'sent' ? entries.get(text(entry.remoteId) ?? '') : undefined;
    const source = direction === 'sent' ? entries.get(text(entry.mediaSourceId) ?? '') : entry;
    const counters: Counters = {
      atMs: number(entry.timestamp) ?? 0,
      bytes: number(entry[direction === 'sent' ? 'bytesSent' : 'bytesReceived']) ?? 0,
      frames: number(entry[direction === 'sent' ? 'framesEncoded' : 'framesDecoded']),
      packets: number(entry[direction === 'sent' ? 'packetsSent' : 'packetsReceived']) ?? 0,
      lost: number((direction === 'sent' ? other : entry)?.packetsLost) ?? 0,
      energy: number(source?.totalAudioEnergy),
      seconds: number(source?.totalSamplesDuration),
      waited: number(entry.jitterBufferDelay),
      emitted: number(entry.jitterBufferEmittedCount),
    };
    const key = `${direction} ${mid} ${String(entry.ssrc)}`;
    memory.set(key, counters);
    const rid = text(entry.rid);
    const codec = text(entries.get(text(entry.codecId) ?? '')?.mimeType);
    const width = number(entry.frameWidth);
    const height = number(entry.frameHeight);
    const jitter = number((direction === 'sent' ? other : entry)?.jitter);
    const freezes = number(entry.freezeCount);
    const playoutMs = number(entry.estimatedPlayoutTimestamp);
    const measured = number(other?.roundTripTime);
    const roundTrip = measured === undefined ? roundTripMs : measured * 1000;
    rows.push({
      mid,
      kind,
      direction,
      ...(rid === undefined ? {} : { rid }),
      ...(codec === undefined ? {} : { codec: codec.slice(codec.indexOf('/') + 1) }),
      ...(width === undefined ? {} : { width }),
      ...(height === undefined ? {} : { height }),
      ...(jitter === undefined ? {} : { jitterMs: jitter * 1000 }),
      ...(freezes === undefined ? {} : { freezes }),
      ...(playoutMs === undefined ? {} : { playoutMs }),
      ...(roundTrip === undefined ? {} : { roundTripMs: roundTrip }),
      ...rates(counters, earlier.get(key), direction),
      totals: {
        bytes: counters.bytes,
        packets: counters.packets,
        packetsLost: counters.lost,
        ...(counters.frames === undefined ? {} : { frames: counters.frames }),
        ...(counters.energy === undefined ? {} : { audioEnergy: counters.energy }),
      },
    });
  }
  return { rows, memory };
}

function rates(
  now: Counters,
  before: Counters | undefined,
  direction: MediaStats['direction'],
): Pick<MediaStats, 'bitrateBps' | 'framesPerSecond' | 'lossRatio' | 'audioLevel' | 'bufferMs'> {
  const seconds = before === undefined ? 0 : (now.atMs - before.atMs) / 1000;
  if (before === undefined || seconds <= 0) return {};
  const grown = (after: number, earlier: number): number => Math.max(0, after - earlier);
  const lost = grown(now.lost, before.lost);
  const packets = grown(now.packets, before.packets) + (direction === 'received' ? lost : 0);
  const level = audioLevel(now, before);
  const bufferMs = meanWaitMs(now, before);
  return {
    bitrateBps: (grown(now.bytes, before.bytes) * 8) / seconds,
    ...(now.frames === undefined ? {} : { framesPerSecond: grown(now.frames, before.frames ?? 0) / seconds }),
    ...(packets === 0 ? {} : { lossRatio: Math.min(1, lost / packets) }),
    ...(level === undefined ? {} : { audioLevel: level }),
    ...(bufferMs === undefined ? {} : { bufferMs }),
  };
}

function meanWaitMs(now: Counters, before: Counters): number | undefined {
  if (now.waited === undefined || now.emitted === undefined) return undefined;
  const emitted = now.emitted - (before.emitted ?? 0);
  return emitted <= 0 ? undefined : (Math.max(0, now.waited - (before.waited ?? 0)) / emitted) * 1000;
}

function audioLevel(now: Counters, before: Counters): number | undefined {
  if (now.energy === undefined || now.seconds === undefined) return undefined;
  const seconds = now.seconds - (before.seconds ?? 0);
  return seconds <= 0 ? 0 : Math.sqrt(Math.max(0, now.energy - (before.energy ?? 0)) / seconds);
}

/** Of the candidate pair in use, in milliseconds. */
function pathRoundTrip(entries: ReadonlyMap<string, Entry>): number | undefined {
  for (const entry of entries.values()) {
    if (entry.type !== 'transport') continue;
    const pair = entries.get(text(entry.selectedCandidatePairId) ?? '');
    const seconds = number(pair?.currentRoundTripTime);
    if (seconds !== undefined) return seconds * 1000;
  }
  return undefined;
}

function isEntry(value: unknown): value is Entry {
  return typeof value === 'object' && value !== null;
}
function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
function number(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}
