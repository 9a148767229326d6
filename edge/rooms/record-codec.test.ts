import { expect, it } from 'vitest';
import type { LogRecord, RoomEvent } from './event.ts';
import { decodeRecord, decodeRecords, encodeRecord } from './record-codec.ts';

const text = (message: string): RoomEvent => ({ type: 'text-sent', from: 'p', to: 'all', message });
const head = { at: 1_700_000_000_000, edge: 'e1' };
const bytes = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));

it.each<[string, LogRecord]>([
  ['of the server itself', { ...head, event: text('x') }],
  ['of a client', { ...head, by: { participant: 'p', cid: 3 }, event: text('x') }],
  ['that was forwarded', { ...head, n: 7, event: text('x') }],
  ['of a client that was forwarded', { ...head, n: 7, by: { participant: 'p', cid: 3 }, event: text('x') }],
  ['with any text', { ...head, event: text('é \ud800 \u2028 " \\ [[[ \0 😀') }],
])('an entry %s is the same after its way through bytes', (_, record) => {
  expect(decodeRecord(encodeRecord(record))).toStrictEqual(record);
});

it('leaves out what is undefined', () => {
  const event: RoomEvent = { type: 'text-sent', from: 'p', to: 'all', message: 'x' };
  const record = { ...head, event: { ...event, more: undefined } };
  expect(decodeRecord(encodeRecord(record))).toStrictEqual({ ...head, event });
});

it.each([
  [90, true],
  [200, false],
])('takes values nested %i deep: %j', (depth, taken) => {
  let deep: unknown = 'a text with ]]] and \\" and }}}';
  for (let level = 0; level < depth; level += 1) deep = level % 2 === 0 ? [deep] : { deep };
  const attributes = { deep };
  const event: RoomEvent = {
    type: 'publication-requested',
    stream: 's',
    owner: 'p',
    streamType: 'webrtc',
    transport: 's',
    tracks: [],
    attributes,
  };
  if (taken) expect(decodeRecord(encodeRecord({ ...head, event }))?.event).toStrictEqual(event);
  else expect(() => encodeRecord({ ...head, event })).toThrow('Too deep');
});

it.each([
  ['no JSON', Uint8Array.of(0xc1)],
  ['nothing', new Uint8Array()],
  ['half an entry', encodeRecord({ ...head, event: text('x') }).subarray(0, 20)],
  ['a map', bytes({ ...head, event: text('x') })],
  ['a list too short', bytes([1, 'e'])],
  ['no time', bytes(['1', 'e', text('x'), null])],
  ['no edge', bytes([1, null, text('x'), null])],
  ['an event of no known kind', bytes([1, 'e', { type: 'toString' }, null])],
  ['no event', bytes([1, 'e', null, null])],
  ['a number that is none', bytes([1, 'e', text('x'), '1'])],
  ['a participant without an id', bytes([1, 'e', text('x'), null, 'p'])],
  ['two entries', bytes([1, 'e', text('x'), null].map((part) => [part])).subarray(1, -1)],
])('%s is no entry, and spoils no other that is read with it', (_, damaged) => {
  expect(decodeRecord(damaged)).toBeUndefined();
  const others = Array.from({ length: 150 }, (_each, n) => ({ ...head, n, event: text('x') }));
  const [first, ...rest] = others.map(encodeRecord);
  expect(decodeRecords([damaged])).toEqual([undefined]);
  expect(decodeRecords([first ?? damaged, damaged, ...rest])).toEqual([
    others[0],
    undefined,
    ...others.slice(1),
  ]);
  expect(decodeRecords(others.map(encodeRecord))).toEqual(others);
});
