// Owns requests of both client protocols that are right, almost right or junk, drawn by chance.
import { integer } from './hostile-bytes.ts';

type Random = () => number;

const candidate = { candidate: 'a=candidate:1 1 udp 1 127.0.0.1 9 typ host', sdpMid: '0', sdpMLineIndex: 0 };
const track = { type: 'video', mid: '1', source: 'camera' };
const wished = {
  type: 'video',
  mid: '2',
  from: 'MIXED',
  format: { codec: 'h264', profile: 'CB' },
  parameters: {
    resolution: { width: 320, height: 240 },
    framerate: 15,
    bitrate: 'x0.8',
    keyFrameInterval: 5,
  },
};

/** Requests of both protocols; `ID` becomes a session the client may have, `MIXED` the room's mixed stream. */
export const requests: readonly (readonly [event: string, data: unknown])[] = [
  [
    'publish',
    { media: { tracks: [track] }, transport: { type: 'webrtc' }, attributes: { a: [1, { b: 2 }] } },
  ],
  ['publish', { media: { tracks: [track] }, transport: { type: 'webrtc', id: 'ID' } }],
  [
    'subscribe',
    { media: { tracks: [{ type: 'video', mid: '2', from: 'ID', parameters: { framerate: 15 } }] } },
  ],
  ['subscribe', { media: { tracks: [wished, { type: 'audio', mid: '3', from: 'MIXED' }] } }],
  ['unpublish', { id: 'ID' }],
  ['unsubscribe', { id: 'ID' }],
  ['stream-control', { id: 'ID', operation: 'pause', data: 'av' }],
  ['stream-control', { id: 'ID', operation: 'mix', data: 'common' }],
  ['stream-control', { id: 'ID', operation: 'unmix', data: 'common' }],
  ['stream-control', { id: 'ID', operation: 'get-region', data: 'common' }],
  ['stream-control', { id: 'ID', operation: 'set-region', data: { view: 'common', region: '1' } }],
  ['stream-control', { id: 'MIXED', operation: 'get-region', data: 'common' }],
  [
    'subscription-control',
    { id: 'ID', operation: 'update', data: { video: { parameters: { bitrate: 'x0.5' } } } },
  ],
  [
    'subscription-control',
    { id: 'ID', operation: 'update', data: { audio: { from: 'MIXED' }, video: { from: 'MIXED' } } },
  ],
  ['text', { to: 'all', message: 'hello' }],
  ['soac', { id: 'ID', signaling: { type: 'offer', sdp: 'v=0' } }],
  ['soac', { id: 'ID', signaling: { type: 'candidate', candidate } }],
  ['soac', { id: 'ID', signaling: { type: 'removed-candidates', candidates: [candidate] } }],
];

const junk: readonly unknown[] = [
  null,
  undefined,
  true,
  0,
  -1,
  1.5,
  2 ** 53,
  Number.MAX_VALUE,
  '',
  'all',
  'ID',
  '__proto__',
  '\u0000\ud800',
  'x'.repeat(3000),
  [],
  {},
  [[[[[[[[]]]]]]]],
  { __proto__: null, constructor: 1, toString: 2 },
  { id: { id: { id: {} } } },
  Array.from({ length: 300 }, (_, index) => index),
];

export function pick<T>(random: Random, from: readonly T[]): T {
  const chosen = from[integer(random, from.length)];
  if (chosen === undefined && from.length === 0) throw new Error('nothing to pick from');
  return chosen as T;
}

/** What stands in for the names in `requests`. */
export interface Ids {
  readonly ID: string;
  readonly MIXED: string;
}

/** The value with some of what is in it taken away, added or replaced by junk. */
export function spoil(random: Random, value: unknown, odds: number, ids: Ids): unknown {
  if (value === 'ID' || value === 'MIXED') return ids[value];
  if (random() < odds) return pick(random, junk);
  if (Array.isArray(value)) {
    const items: unknown[] = value.map((item) => spoil(random, item, odds, ids));
    return random() < odds ? [...items, ...items, pick(random, junk)] : items;
  }
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value)
    .filter(() => random() >= odds)
    .map(([key, item]) => [key, spoil(random, item, odds, ids)]);
  if (random() < odds)
    entries.push([pick(random, ['extra', 'do', 'cid', 'id', 'constructor']), pick(random, junk)]);
  return Object.fromEntries(entries) as unknown;
}
