// Owns the words for a value of the configuration that cannot be used. Texts may be secrets and are never repeated.
import type { BaseIssue } from 'valibot';

const nouns: Readonly<Record<string, string>> = {
  integer: 'a whole number',
  number: 'a number',
  string: 'a text',
  array: 'a list',
  strict_object: 'a table',
};
const bounds: readonly string[] = ['min_value', 'max_value', 'gt_value'];

/** Without the name of the key. `variable`: the text of the environment's variable, where the value came from one. */
export function complaint(
  { type, message, expected, received }: BaseIssue<unknown>,
  variable?: string,
): string {
  if (type === 'strict_object' && expected === 'never')
    return 'there is no such key; deploy/README.md has all';
  // What a schema says in words of its own.
  if (!message.startsWith('Invalid ')) return message;
  const seen = (variable ?? received).replaceAll('"', '');
  switch (type) {
    case 'picklist':
      return `must be one of ${(expected ?? '').replace(/[()"]/g, '').replaceAll(' | ', ', ')}, not ${received.replaceAll('"', '')}`;
    case 'boolean':
      return `must be ${variable === undefined ? 'true or false' : 'on or off'}, not ${seen}`;
    default:
      if (bounds.includes(type)) return `must be ${expected ?? 'another'}, not ${seen}`;
      if (type === 'number' || type === 'integer') return `must be ${nouns[type] ?? type}, not ${seen}`;
      return nouns[type] === undefined ? message : `must be ${nouns[type]}`;
  }
}
