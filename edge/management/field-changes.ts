// Owns the comparison of a room as it was exported with the document it became, field by field, for a person to read.
// What was not exported and got a default is no change. Pure.
import { type FieldChange, importLimits } from '../../schemas/room-import.ts';

/** Every field of `given` that `made` has not (dropped) or has otherwise, in the order of `given`; null counts as absent. */
export function fieldChanges(given: unknown, made: unknown, field = ''): readonly FieldChange[] {
  if (given === null || given === undefined) return [];
  if (made === undefined) return [{ field, was: shown(given) }];
  if (Array.isArray(given) && Array.isArray(made)) {
    const [before, after]: readonly (readonly unknown[])[] = [given, made];
    return (before ?? []).flatMap((item, index) => fieldChanges(item, after?.[index], `${field}[${index}]`));
  }
  if (isRecord(given) && isRecord(made)) {
    return Object.entries(given).flatMap(([name, value]) =>
      fieldChanges(value, made[name], field === '' ? name : `${field}.${name}`),
    );
  }
  return isSame(given, made) ? [] : [{ field, was: shown(given), now: shown(made) }];
}

/** A value that came as JSON, as JSON, cut short. */
export function shown(value: unknown): string {
  const text = JSON.stringify(value);
  return text.length <= importLimits.shownChars ? text : `${text.slice(0, importLimits.shownChars)}…`;
}

/** Numbers as text are the same numbers: the console stored some so. */
function isSame(given: unknown, made: unknown): boolean {
  const plain = (value: unknown) => typeof value === 'string' || typeof value === 'number';
  if (plain(given) && plain(made)) return String(given) === String(made) || Number(given) === Number(made);
  return given === made;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
