// Owns the fuzz target for what comes over from an OWT server: files broken anywhere, and rooms with anything in them. No
// whole document of a file is lost; a room is refused with a reason, or becomes one that comes over again unchanged.
import { isDeepStrictEqual } from 'node:util';
import * as v from 'valibot';
import { DocumentSplitter, type Found } from '../../deploy/import/document-splitter.ts';
import { plain } from '../../deploy/import/extended-json.ts';
import { movedRoom, type MovedRoom } from '../../edge/management/exported-room.ts';
import { newRoomDocument } from '../../edge/management/room-document.ts';
import { SluiceError } from '../../schemas/error.ts';
import { fieldChangeSchema, importLimits } from '../../schemas/room-import.ts';
import { roomDocumentSchema } from '../../schemas/room.ts';
import { integer, must } from './hostile-bytes.ts';
import type { FuzzTarget } from './target.ts';

const id = '65f0c0ffee00000000000001';
/** What was stored by whom nobody checked. */
const odd: readonly unknown[] = [
  null,
  true,
  false,
  0,
  -1,
  1.5,
  1e308,
  '',
  '0',
  'h264',
  '1/3',
  'x0.8',
  '********',
  '__proto__',
  'é\u0000',
  'x'.repeat(300),
  [],
  {},
  [null],
  [[]],
  { codec: 'opus' },
  { video: false },
  { label: 'common' },
  { $oid: id },
  { $numberInt: '3' },
  { $date: { $numberLong: '1' } },
  { mediaMixing: { video: { resolution: 'vga', maxInput: 3 } } },
  { numerator: 1, denominator: 0 },
];
const names = [
  'views',
  'mode',
  'publishLimit',
  'mediaMixing',
  'sip',
  'roles',
  'video',
  '__proto__',
  '$oid',
  'any',
];
/** None of them closes what another opens. */
const rubbish = [
  '{"a":[',
  '{"a":"',
  '{',
  '{"a":1,}x',
  'connected to: db',
  ',',
  '[',
  '"',
  '{"_id": ObjectId("1")}',
  '}',
  '\\',
  '12',
];

/** The same with some members replaced, removed or added, anywhere. */
function changed(random: () => number, value: unknown): unknown {
  if (random() < 0.03) return odd[integer(random, odd.length)];
  if (Array.isArray(value)) {
    const list: readonly unknown[] = value;
    return list.flatMap((item) =>
      random() < 0.03 ? [] : random() < 0.03 ? [item, item] : [changed(random, item)],
    );
  }
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value).flatMap(([name, member]: [string, unknown]) =>
    random() < 0.02 ? [] : [[name, changed(random, member)] as const],
  );
  if (random() < 0.1)
    members.push([names[integer(random, names.length)] ?? '', odd[integer(random, odd.length)]]);
  return Object.fromEntries(members);
}

function moved(value: unknown): MovedRoom | undefined {
  try {
    return movedRoom(plain(value));
  } catch (error) {
    must(
      error instanceof SluiceError && error.code === 'bad-request',
      `refused with a reason: ${String(error)}`,
    );
    return undefined;
  }
}

function roomRound(random: () => number): void {
  const made = moved(changed(random, { ...newRoomDocument(id, { name: 'weekly' }), __v: 0 }));
  if (made === undefined) return;
  const { document, changes } = made;
  must(v.is(roomDocumentSchema, document), 'what is stored is a room');
  must(changes.length <= importLimits.changes, 'few changes are told');
  for (const change of changes) must(v.is(fieldChangeSchema, change), 'a change can be told');
  if (document.sip?.password === '********') return;
  const again = moved(document);
  must(isDeepStrictEqual(again?.document, document), 'a room of ours comes over as it is');
  must(again?.changes.length === 0, 'and nothing of it is lost');
}

function split(text: string, pieces: () => number): readonly Found[] {
  const splitter = new DocumentSplitter(2000);
  const found: Found[] = [];
  for (let at = 0; at < text.length;) {
    const size = pieces();
    found.push(...splitter.push(text.slice(at, at + size)));
    at += size;
  }
  return [...found, ...splitter.end()];
}

function fileRound(random: () => number): void {
  const lines = Array.from({ length: integer(random, 12) }, (_, index) =>
    random() < 0.5
      ? JSON.stringify({ index, text: odd[integer(random, odd.length)] })
      : rubbish[integer(random, rubbish.length)],
  );
  const text = lines.join('\n');
  const found = split(text, () => text.length);
  must(
    isDeepStrictEqual(
      found,
      split(text, () => 1 + integer(random, 20)),
    ),
    `pieces make no difference: ${JSON.stringify(text)}`,
  );
  let line = 0;
  for (const each of found) {
    must(each.line >= line, `lines ascend: ${JSON.stringify(text)}`);
    ({ line } = each);
  }
  const told = new Set(found.flatMap((each) => ('value' in each ? [each.line] : [])));
  for (const [index, each] of lines.entries())
    if (each?.startsWith('{"index"') === true)
      must(told.has(index + 1), `line ${index + 1} is found: ${JSON.stringify(text)}`);
}

export const roomImportTarget: FuzzTarget = {
  name: 'room-import',
  run(random, iterations) {
    for (let round = 0; round < iterations; round++) {
      roomRound(random);
      fileRound(random);
    }
  },
};
