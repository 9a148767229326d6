// Owns how the client reads and writes frames of `sluice.1`: MessagePack bytes, and enough checking to tell a frame of
// ours from something else. The shapes themselves are schemas/signal.ts; what the server says is trusted beyond that.
import { decode, encode } from '@msgpack/msgpack';
import type { IceServers } from '../../schemas/ice-servers.ts';
import type {
  closeCodes as serverCloseCodes,
  maxMessagesPerFrame as serverMaxMessages,
  signalSubprotocol as serverSubprotocol,
  EdgeAddress,
  GivenTicket,
  JoinResult,
  ResumeResult,
  ServerFrame,
  SignalMessage,
} from '../../schemas/signal.ts';
import { SluiceError } from '../../schemas/error.ts';
import type { MixerStats } from '../../schemas/worker.ts';

// Written again with their types, so that the schema library stays out of the page's bundle and a change there fails here.
export const subprotocol: typeof serverSubprotocol = 'sluice.1';
export const maxMessagesPerFrame: typeof serverMaxMessages = 256;
export const closeCodes: typeof serverCloseCodes = {
  badMessage: 4400,
  unauthenticated: 4401,
  dropped: 4403,
  idle: 4408,
  replaced: 4409,
  tooSlow: 4413,
};

/** A message before it has its command id. */
export type SignalBody = SignalMessage extends infer M
  ? M extends SignalMessage
    ? Omit<M, 'cid'>
    : never
  : never;

/** What `publish` and `subscribe` are answered with; `answer` where an offer was sent along. */
export interface SessionReply {
  readonly id: string;
  readonly transportId: string;
  readonly answer?: string;
}

export function encodeFrame(messages: readonly SignalMessage[]): Uint8Array<ArrayBuffer> {
  const bytes = encode(messages.length === 1 ? messages[0] : messages, { ignoreUndefined: true });
  return new Uint8Array(bytes);
}

/** Throws SluiceError `bad-request` where the bytes are no server frame. */
export function decodeFrame(bytes: ArrayBuffer): ServerFrame {
  const value = decode(bytes);
  if (isServerFrame(value)) return value;
  throw new SluiceError('bad-request', 'The server sent something else than a frame');
}

/** Undefined where the reply lacks what the client cannot do without. */
export function readJoin(data: unknown): JoinResult | undefined {
  return isJoinResult(data) ? data : undefined;
}

/** Undefined where the reply lacks what the client cannot do without. */
export function readResume(data: unknown): ResumeResult | undefined {
  return isResumeResult(data) ? data : undefined;
}

/** Throws SluiceError `internal` where the reply lacks what the client cannot do without. */
export function readSession(data: unknown): SessionReply {
  if (isSessionReply(data)) return data;
  throw incomplete('session');
}

/** The answer to an offer sent by `signal`. Throws like `readSession`. */
export function readAnswer(data: unknown): string {
  if (isObject(data) && typeof data.answer === 'string') return data.answer;
  throw incomplete('offer');
}

/** The answer to `get-region`. Throws like `readSession`. */
export function readRegion(data: unknown): string {
  if (isObject(data) && typeof data.region === 'string') return data.region;
  throw incomplete('get-region');
}

/** The answer to `mixer-stats`. Throws like `readSession`. */
export function readMixerStats(data: unknown): readonly MixerStats[] {
  if (isMixerStats(data)) return data;
  throw incomplete('mixer-stats');
}

/** The answer to `ice-servers`. Throws like `readSession`. */
export function readIceServers(data: unknown): IceServers {
  if (isIceServers(data)) return data;
  throw incomplete('ice-servers');
}

/** The answer to `ticket`. Throws like `readSession`. */
export function readTicket(data: unknown): GivenTicket {
  if (isGivenTicket(data)) return data;
  throw incomplete('ticket');
}

export function readNothing(): void {
  // Replies to most commands carry nothing.
}

export function incomplete(what: string): SluiceError {
  return new SluiceError('internal', `The server's reply to ${what} is incomplete`);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

/**
 * The URL of an edge that the server named, for a client that came by `url`; undefined where a page could not connect to
 * it: from a secure one only secure ones can be reached.
 */
export function moveUrl(url: string, { host, secure }: EdgeAddress): string | undefined {
  if (url.startsWith('wss:') && !secure) return undefined;
  const moved = `${secure ? 'wss' : 'ws'}://${host}/signal`;
  return URL.canParse(moved) && new URL(moved).pathname === '/signal' ? moved : undefined;
}

function isServerFrame(value: unknown): value is ServerFrame {
  if (!isObject(value)) return false;
  const { replies, seq, notices, moveTo } = value;
  return (
    (moveTo === undefined || isEdgeAddress(moveTo)) &&
    (replies === undefined || Array.isArray(replies)) &&
    (seq === undefined || typeof seq === 'number') &&
    (notices === undefined || Array.isArray(notices))
  );
}

function isEdgeAddress(value: unknown): value is EdgeAddress {
  return isObject(value) && typeof value.host === 'string' && typeof value.secure === 'boolean';
}

function isOthers(value: unknown): value is readonly EdgeAddress[] | undefined {
  return value === undefined || (Array.isArray(value) && value.every(isEdgeAddress));
}

function isMixerStats(value: unknown): value is readonly MixerStats[] {
  return (
    Array.isArray(value) &&
    value.every((each: unknown) => isObject(each) && (each.kind === 'audio' || each.kind === 'video'))
  );
}

function isRoomView(value: unknown): boolean {
  return isObject(value) && Array.isArray(value.participants) && Array.isArray(value.streams);
}

function isIceServers(value: unknown): value is IceServers {
  return (
    isObject(value) &&
    Array.isArray(value.iceServers) &&
    (value.iceServersMs === undefined || typeof value.iceServersMs === 'number')
  );
}

function isGivenTicket(value: unknown): value is GivenTicket {
  return isObject(value) && typeof value.ticket === 'string' && typeof value.ticketMs === 'number';
}

function isJoinResult(value: unknown): value is JoinResult {
  return (
    isObject(value) &&
    isObject(value.participant) &&
    isRoomView(value.room) &&
    isGivenTicket(value) &&
    typeof value.keepMs === 'number' &&
    typeof value.epoch === 'string' &&
    isOthers(value.others) &&
    isIceServers(value)
  );
}

function isResumeResult(value: unknown): value is ResumeResult {
  return (
    isObject(value) &&
    isGivenTicket(value) &&
    typeof value.epoch === 'string' &&
    typeof value.lastCid === 'number' &&
    (value.room === undefined || isRoomView(value.room)) &&
    isOthers(value.others) &&
    isIceServers(value)
  );
}

function isSessionReply(value: unknown): value is SessionReply {
  return (
    isObject(value) &&
    typeof value.id === 'string' &&
    typeof value.transportId === 'string' &&
    (value.answer === undefined || typeof value.answer === 'string')
  );
}
