// Owns what a room of OWT 3.x loses on its way (spec room-model §9), for a person to read. The conversion itself is in
// legacy-room.ts.
import type { FieldChange } from '../../schemas/room-import.ts';
import type { RoomDocument } from '../../schemas/room.ts';
import { fieldChanges, shown } from './field-changes.ts';
import { legacyResolution } from './legacy-resolution.ts';

/** What the conversion reads, or what said nothing: mixing was always `hybrid` and came in many sizes. */
const understood = [
  /^(publishLimit|userLimit|enableMixing|mode)$/,
  /^sip(Info)?\.(sipServer|username|password)$/,
  /^viewports\[\]\.name$/,
  /^(views\.[^.]+\.|viewports\[\]\.)?mediaMixing\.video\.(avCoordinated|resolution|bkColor(\.[rgb])?|maxInput|crop|multistreaming)$/,
  /^(views\.[^.]+\.|viewports\[\]\.)?mediaMixing\.video\.layout\.(base|custom\[\]\.region\[\]\.)/,
];

/** Fields of a legacy room that have no successor, and values that became others. */
export function legacyChanges(
  given: Readonly<Record<string, unknown>>,
  made: RoomDocument,
): readonly FieldChange[] {
  return [
    ...fieldChanges(
      { publishLimit: given.publishLimit, userLimit: given.userLimit },
      { publishLimit: made.inputLimit, userLimit: made.participantLimit },
    ),
    ...leaves(given, '').flatMap(([field, value]) => change(field, value)),
    ...lostLayouts(given, made),
  ];
}

function change(field: string, value: unknown): readonly FieldChange[] {
  const generic = field.replace(/\[\d+\]/g, '[]');
  if (!understood.some((known) => known.test(generic))) return [{ field, was: shown(value) }];
  if (field.endsWith('.resolution')) {
    const now = legacyResolution(String(value));
    const fellBack = now.width === 640 && now.height === 480 && value !== 'vga' && value !== 'r640x480';
    return fellBack ? [{ field, was: shown(value), now: `${now.width}x${now.height}` }] : [];
  }
  const oddColour = field.endsWith('.bkColor') && value !== 'white' && value !== 'black';
  return oddColour ? [{ field, was: shown(value), now: 'black' }] : [];
}

/** Custom layouts are taken as a whole or not at all. */
function lostLayouts(given: unknown, made: RoomDocument): readonly FieldChange[] {
  const before = leaves(given, '').filter(([field]) => /\.region\[\d+\]\.id$/.test(field)).length;
  const after = made.views.reduce(
    (sum, { video }) =>
      sum +
      (video === false
        ? 0
        : video.layout.templates.custom.reduce((all, each) => all + each.region.length, 0)),
    0,
  );
  return before === after
    ? []
    : [{ field: 'layout.custom', was: `${before} regions`, now: `${after} regions` }];
}

/** Every value that is neither object nor list, with where it is; nothing for null. */
function leaves(value: unknown, field: string): readonly (readonly [field: string, value: unknown])[] {
  if (value === null || value === undefined) return [];
  if (typeof value !== 'object') return [[field, value]];
  return Object.entries(value).flatMap(([name, member]) => {
    const inner = Array.isArray(value) ? `${field}[${name}]` : field === '' ? name : `${field}.${name}`;
    return leaves(member, inner);
  });
}
