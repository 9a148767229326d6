// Owns what a room document becomes when a client creates or updates it: defaults, stripping of nulls, merging, checks
// across fields (spec rest-api §5, room-model §1–§4). Pure; storing and sealing the SIP password are elsewhere.
import * as v from 'valibot';
import { SluiceError } from '../../schemas/error.ts';
import type { AudioFormat, VideoFormat } from '../../schemas/media.ts';
import type { RoomDocument } from '../../schemas/room.ts';
import { roomOptionsSchema, roomUpdateSchema } from '../../schemas/room-input.ts';
import { convertLegacyRoom, isLegacyRoom } from './legacy-room.ts';

/** What replies show for a SIP password; sent back, it means "unchanged". */
export const maskedPassword = '********';
const maxDepth = 32;
const maxReasonChars = 300;

/**
 * The document of a new room from a body `{name, options?}`. Throws SluiceError `bad-request` with the reason.
 */
export function newRoomDocument(id: string, body: unknown): RoomDocument {
  const { name, options = {} } = isRecord(body) ? body : {};
  if (typeof name !== 'string' || name === '') throw invalid('Invalid request body');
  if (options !== null && !isRecord(options)) throw invalid('Invalid room option');
  const given = { ...withoutNulls(today(name, options ?? {})) };
  for (const field of ['roles', 'mediaIn', 'mediaOut', 'views'])
    if (isFalsy(given[field])) Reflect.deleteProperty(given, field);
  return consistent({ _id: id, name, ...parsed(roomOptionsSchema, given) });
}

/** Clients written for 3.x send its options. */
function today(name: string, options: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return (isLegacyRoom(options) ? convertLegacyRoom({ ...options, name })?.options : undefined) ?? options;
}

/**
 * The stored document with each top-level field of `body` replaced as a whole; null removes `sip`, `schedule` and
 * `mediaEngines`. Throws SluiceError `bad-request` with the reason.
 */
export function updatedRoomDocument(stored: RoomDocument, body: unknown): RoomDocument {
  if (!isRecord(body)) throw invalid('Invalid request body');
  const { sip, ...update } = parsed(roomUpdateSchema, withoutNulls(body));
  const { sip: storedSip, schedule, mediaEngines, ...rest } = stored;
  const newSip = body.sip === null ? undefined : (unmasked(sip, storedSip) ?? storedSip);
  const kept = {
    ...(body.schedule === null || schedule === undefined ? {} : { schedule }),
    ...(body.mediaEngines === null || mediaEngines === undefined ? {} : { mediaEngines }),
  };
  return consistent({ ...rest, ...kept, ...update, ...(newSip === undefined ? {} : { sip: newSip }) });
}

type Sip = NonNullable<RoomDocument['sip']>;

function unmasked(given: Sip | undefined, stored: Sip | undefined): Sip | undefined {
  if (given?.password !== maskedPassword) return given;
  if (stored === undefined) throw invalid('sip.password: the mask stands for no stored password');
  return { ...given, password: stored.password };
}

/** Every view must be encodable in formats that the room offers (spec room-model §3). */
function consistent(room: RoomDocument): RoomDocument {
  for (const { audio, video } of room.views) {
    const audioOffered = room.mediaOut.audio.some((format) => sameAudio(format, audio.format));
    const videoOffered =
      video === false || room.mediaOut.video.format.some((format) => sameVideo(format, video.format));
    if (!audioOffered || !videoOffered) throw invalid('MediaOut conflicts with View Setting');
  }
  return room;
}

function sameAudio(a: AudioFormat, b: AudioFormat): boolean {
  return a.codec === b.codec && a.sampleRate === b.sampleRate && a.channelNum === b.channelNum;
}

function sameVideo(a: VideoFormat, b: VideoFormat): boolean {
  return a.codec === b.codec && a.profile === b.profile;
}

function parsed<S extends v.GenericSchema>(schema: S, input: unknown): v.InferOutput<S> {
  const result = v.safeParse(schema, input);
  if (result.success) return result.output;
  const [issue] = result.issues;
  const path = v.getDotPath(issue);
  const reason = path === null ? issue.message : `${path}: ${issue.message}`;
  throw invalid(reason.slice(0, maxReasonChars));
}

/** The same without members and list entries that are null. Throws SluiceError `bad-request` when nested too deeply. */
export function withoutNulls(record: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const stripped = strip(record, 0);
  return isRecord(stripped) ? stripped : {};
}

function strip(value: unknown, depth: number): unknown {
  if (depth > maxDepth) throw invalid('Too deeply nested');
  if (Array.isArray(value)) {
    const list: readonly unknown[] = value;
    return list.filter((item) => item !== null).map((item) => strip(item, depth + 1));
  }
  if (!isRecord(value)) return value;
  const members = Object.entries(value).filter(([, member]) => member !== null);
  return Object.fromEntries(members.map(([key, member]) => [key, strip(member, depth + 1)]));
}

function isFalsy(value: unknown): boolean {
  return !value;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function invalid(message: string): SluiceError {
  return new SluiceError('bad-request', message);
}
