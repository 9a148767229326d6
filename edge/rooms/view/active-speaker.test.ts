// Owns the tests of what follows in a view from who speaks.
import { describe, expect, it } from 'vitest';
import { newRoomDocument } from '../../management/room-document.ts';
import { follow, followsVoice, nobody } from './active-speaker.ts';
import { joined, rules, shown } from './scripted-view.ts';
import { layoutChange } from './view-layout.ts';

describe('follow', () => {
  const given = rules(16);
  const start = { inputs: joined(given, 'ABC'), activeInput: nobody };

  it('room-model#20 keepActiveInputPrimary: the speaker swaps with the first, repeated reports change nothing', () => {
    const primary = { keepActiveInputPrimary: true };
    const after = follow(primary, start, 'B');
    expect(shown(given, after.inputs)).toBe('1:B 2:A 3:C 4:');
    expect(after.activeInput).toBe('B');
    expect(follow(primary, after, 'B')).toEqual(after);
    expect(layoutChange(given, after.inputs, follow(primary, after, 'B').inputs)).toBeUndefined();
  });

  it('room-model#21 without keepActiveInputPrimary only activeInput changes', () => {
    const after = follow({ keepActiveInputPrimary: false }, start, 'B');
    expect(after).toEqual({ inputs: start.inputs, activeInput: 'B' });
    expect(layoutChange(given, start.inputs, after.inputs)).toBeUndefined();
  });

  it('leaves the layout as it is for a speaker without a picture', () => {
    expect(follow({ keepActiveInputPrimary: true }, start, 'Z')).toEqual({
      inputs: start.inputs,
      activeInput: 'Z',
    });
  });
});

describe('followsVoice', () => {
  it.each([
    ['by default', {}, true],
    ['without vad', { audio: { vad: false } }, false],
    ['without a picture', { video: false }, false],
  ])('%s: %o', (_case, view, expected) => {
    const [setting] = newRoomDocument('r', { name: 'weekly', options: { views: [view] } }).views;
    expect(setting === undefined ? undefined : followsVoice(setting)).toBe(expected);
  });
});
