// Owns what a payload of an SDP means as a media format, and which payload answers an offer: the rules of portal-protocol
// §7.3 and room-model §2.2. It sees payloads and formats only, never m-lines or sessions.
import { audioCodecs, type VideoFormat } from '../../schemas/media.ts';
import type { Format } from '../../schemas/worker.ts';
import type { Payload } from '../routing/payload.ts';

const ranks: Readonly<Record<string, number>> = { CB: 1, B: 2, M: 3, H: 4 };

/** The format a payload carries; undefined for what is no codec of ours (rtx, red, ulpfec, telephone-event …). */
export function formatOf(payload: Payload): Format | undefined {
  switch (payload.name) {
    case 'opus':
      return { codec: 'opus', sampleRate: payload.clockRate, channelNum: payload.channels ?? 1 };
    case 'g722':
      // RFC 3551 §4.5.2: the clock rate of 8000 is a historical error, the samples are at 16 kHz.
      return { codec: 'g722', sampleRate: 16000, channelNum: payload.channels ?? 1 };
    case 'isac':
      return { codec: 'isac', sampleRate: payload.clockRate };
    case 'pcmu':
    case 'pcma':
    case 'ilbc':
      return { codec: payload.name };
    case 'h264':
      return { codec: 'h264', profile: h264Profile(payload) };
    case 'h265':
    case 'vp8':
    case 'vp9':
    case 'av1':
      return { codec: payload.name };
    default:
      return undefined;
  }
}

/** Profile of `profile-level-id` (RFC 6184 §8.1 table 5); Constrained Baseline where it is absent or unreadable. */
export function h264Profile(payload: Payload): 'CB' | 'B' | 'M' | 'H' | 'E' {
  const text = payload.parameters.get('profile-level-id') ?? '';
  if (!/^[0-9a-f]{6}$/i.test(text)) return 'CB';
  const profile = Number.parseInt(text.slice(0, 2), 16);
  const constraints = Number.parseInt(text.slice(2, 4), 16);
  switch (profile) {
    case 0x42:
      return constraints & 0x40 ? 'CB' : 'B';
    case 0x4d:
      return constraints & 0x80 ? 'CB' : 'M';
    case 0x58:
      if (!(constraints & 0x80)) return 'E';
      return constraints & 0x40 ? 'CB' : 'B';
    default:
      return profile >= 0x64 ? 'H' : 'CB';
  }
}

/** Whether `format` may stand where `wanted` is asked for: equal for audio, compatible for video (room-model §2.2). */
export function accepts(wanted: Format, format: Format): boolean {
  if (wanted.codec !== format.codec) return false;
  if (isVideo(wanted) && isVideo(format)) {
    const have = ranks[format.profile ?? ''];
    const limit = ranks[wanted.profile ?? ''];
    return have === undefined || limit === undefined || have <= limit;
  }
  if (isVideo(wanted) || isVideo(format)) return false;
  return wanted.sampleRate === format.sampleRate && wanted.channelNum === format.channelNum;
}

function isVideo(format: Format): format is VideoFormat {
  return !audioNames.has(format.codec);
}

const audioNames: ReadonlySet<string> = new Set(audioCodecs);

const acceptedByAny = (formats: readonly Format[], payload: Payload): boolean => {
  const format = formatOf(payload);
  return format !== undefined && formats.some((wanted) => accepts(wanted, format));
};

const packetizationMode = (payload: Payload): string => payload.parameters.get('packetization-mode') ?? '0';

/**
 * The payload to use, of a publication or of what is made for a subscriber: the first in the offer's order that one of `formats` accepts. Browsers list the H.264
 * variants in an order of their own, so among those of the same family the one every decoder takes goes first:
 * Constrained Baseline before Baseline, non-interleaved packetization before single NAL units.
 */
export function choosePublished(
  payloads: readonly Payload[],
  formats: readonly Format[],
): Payload | undefined {
  const acceptable = payloads.filter((payload) => acceptedByAny(formats, payload));
  const [first] = acceptable;
  if (first?.name !== 'h264') return first;
  const family = (payload: Payload): string => h264Profile(payload).replace('CB', 'B');
  const cost = (payload: Payload): number =>
    (packetizationMode(payload) === '1' ? 0 : 2) + (h264Profile(payload) === 'B' ? 1 : 0);
  return acceptable
    .filter((payload) => payload.name === 'h264' && family(payload) === family(first))
    .reduce((best, payload) => (cost(payload) < cost(best) ? payload : best), first);
}

/** Whether a stream published as `source` can be sent under `target` of another offer without touching its payload. */
export function forwardable(source: Payload, target: Payload): boolean {
  if (source.name !== target.name || source.clockRate !== target.clockRate) return false;
  const same = (name: string, initial: string): boolean =>
    (source.parameters.get(name) ?? initial) === (target.parameters.get(name) ?? initial);
  switch (source.name) {
    case 'h264': {
      const have = ranks[h264Profile(source)];
      const limit = ranks[h264Profile(target)];
      if (packetizationMode(source) === '1' && packetizationMode(target) !== '1') return false;
      return have === undefined || limit === undefined || have <= limit;
    }
    case 'vp9':
      return same('profile-id', '0');
    case 'av1':
      return same('profile', '0') && tierOf(source, 'tier') <= tierOf(target, 'tier');
    case 'h265':
      return same('profile-id', '1') && tierOf(source, 'tier-flag') <= tierOf(target, 'tier-flag');
    default:
      return (source.channels ?? 1) === (target.channels ?? 1);
  }
}

/** 1 stands for the high tier, whose decoders take the main one too (RFC 7798 §7.1, RTP payload format for AV1 §7.2.3). */
function tierOf({ parameters }: Payload, name: string): 0 | 1 {
  return parameters.get(name) === '1' ? 1 : 0;
}

/** How far a forwardable target is from its source; the smallest wins, the offer's order among equals. */
function distance(source: Payload, target: Payload): number {
  if (source.name !== 'h264') return 0;
  const profiles = Math.abs((ranks[h264Profile(source)] ?? 0) - (ranks[h264Profile(target)] ?? 0));
  return 2 * profiles + (packetizationMode(source) === packetizationMode(target) ? 0 : 1);
}

/** The payload of `targets` that a stream published as `source` goes out under. */
export function chooseForwarded(source: Payload, targets: readonly Payload[]): Payload | undefined {
  let best: Payload | undefined;
  for (const target of targets) {
    if (!forwardable(source, target)) continue;
    if (best === undefined || distance(source, target) < distance(source, best)) best = target;
  }
  return best;
}

export interface Choice {
  readonly formats: readonly Format[];
  /** Whether `formats` are in the order of preference, or the offer is. */
  readonly preference: 'formats' | 'offer';
  /** Payload of the source as it was published or is made, when it is here already. */
  readonly source: Payload | undefined;
}

/**
 * Payloads to answer a subscription with, the one in use first: the source's where it can be forwarded, else the first
 * that `preference` finds among `formats`, for which the source is then made. What else the formats accept stays behind
 * it, so that a later source in another codec needs no new offer. Empty when nothing fits.
 */
export function chooseSubscribed(
  payloads: readonly Payload[],
  { formats, preference, source }: Choice,
): Payload[] {
  if (preference === 'offer') return bestFirst(payloads.filter(takesMade), formats);
  const acceptable = formats.flatMap((wanted) => bestFirst(payloads, [wanted]));
  if (source === undefined) return [...new Set(acceptable)];
  const forwarded = chooseForwarded(source, payloads);
  if (forwarded !== undefined) return [...new Set([forwarded, ...acceptable])];
  // What has the source's format and cannot carry it all the same cannot carry what is made in that format either.
  const format = formatOf(source);
  return [...new Set(acceptable)].filter((payload) => {
    const target = formatOf(payload);
    const same = format !== undefined && target !== undefined && accepts(target, format);
    return !same && takesMade(payload);
  });
}

/** Those that `formats` accept, in the offer's order but for the one to use. */
function bestFirst(payloads: readonly Payload[], formats: readonly Format[]): Payload[] {
  const best = choosePublished(payloads, formats);
  if (best === undefined) return [];
  return [best, ...payloads.filter((payload) => payload !== best && acceptedByAny(formats, payload))];
}

/** What mixers make has 4:2:0 samples of eight bits; of H.264 it comes in fragmentation units (RFC 6184 §5.4). */
function takesMade(payload: Payload): boolean {
  switch (payload.name) {
    case 'h264':
      return packetizationMode(payload) === '1';
    case 'vp9':
      return (payload.parameters.get('profile-id') ?? '0') === '0';
    case 'av1':
      return (payload.parameters.get('profile') ?? '0') === '0';
    case 'h265':
      return (payload.parameters.get('profile-id') ?? '1') === '1';
    default:
      return true;
  }
}

/** The retransmission payload that belongs to `payload` (RFC 4588 §8.1). */
export function rtxOf(payloads: readonly Payload[], payload: Payload): Payload | undefined {
  return payloads.find(
    (other) => other.name === 'rtx' && other.parameters.get('apt') === String(payload.type),
  );
}

/** The redundancy payload whose blocks are all `payload` (RFC 2198 §5). */
export function redOf(payloads: readonly Payload[], payload: Payload): Payload | undefined {
  return payloads.find(
    (other) =>
      other.name === 'red' &&
      other.clockRate === payload.clockRate &&
      other.fmtp.split('/').every((type) => type.trim() === String(payload.type)),
  );
}
