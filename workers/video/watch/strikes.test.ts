import { describe, expect, it } from 'vitest';
import { Strikes } from './strikes.ts';

describe('disagreements', () => {
  it.each<[string, boolean[], boolean[]]>([
    ['one is none', [true], [false]],
    ['two in a row are', [true, true], [false, true]],
    ['two with an agreement between them are not', [true, false, true], [false, false, false]],
  ])('%s', (_name, told, wrong) => {
    const strikes = new Strikes();
    expect(told.map((isOther) => strikes.note('a', isOther))).toEqual(wrong);
  });

  it('count for each subject, which is suspected until it agrees or is gone', () => {
    const strikes = new Strikes();
    expect([strikes.note('a', true), strikes.note('b', true)]).toEqual([false, false]);
    expect(strikes.suspect(['c', 'b', 'a'])).toBe('b');
    strikes.note('b', false);
    expect(strikes.suspect(['c', 'b', 'a'])).toBe('a');
    strikes.keep(['b']);
    expect(strikes.suspect(['a', 'b'])).toBeUndefined();
    expect(strikes.note('a', true)).toBe(false);
  });
});
