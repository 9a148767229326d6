// Owns the tests of who speaks in a view and what follows from it.
import { describe, expect, it } from 'vitest';
import { newRoomDocument } from '../../management/room-document.ts';
import { follow, followsVoice, forget, hear, noSpeaker, nobody } from './active-speaker.ts';
import type { InputEnergy, SpeakerMemory } from './active-speaker.ts';
import { joined, rules, shown } from './scripted-view.ts';
import { layoutChange } from './view-layout.ts';

function energies(text: string): InputEnergy[] {
  return text === ''
    ? []
    : text.split(' ').map((input) => ({ stream: input.slice(0, 1), energy: Number(input.slice(1)) }));
}

/** The reports of successive periods; `-` where there is none. */
function reports(periods: readonly string[], start: SpeakerMemory = noSpeaker): string {
  let memory = start;
  return periods
    .map((period) => {
      const heard = hear(memory, energies(period));
      memory = heard.memory;
      return heard.speaker ?? '-';
    })
    .join('');
}

describe('hear', () => {
  it.each([
    ['the loudest', ['A1 B3 C2'], 'B'],
    ['room-model#20 only a change', ['A1 B3', 'A1 B9', 'A2 B1', 'A2'], 'B-A-'],
    ['silence changes nothing', ['A0 B0', '', 'B1', 'B0', 'B1'], '--B--'],
    ['of equals the first seen', ['A2 B2', 'B2 A2'], 'AB'],
    ['what is no energy is silence', ['ANaN B-1', 'ANaN B1'], '-B'],
  ])('reports %s', (_case, periods, expected) => {
    expect(reports(periods)).toBe(expected);
  });

  it('reports the current speaker again after its memory was reset', () => {
    const { memory } = hear(noSpeaker, energies('A1'));
    expect(reports(['A1'], memory)).toBe('-');
    expect(reports(['A1'], noSpeaker)).toBe('A');
    expect(reports(['A1'], forget(memory, 'A'))).toBe('A');
    expect(reports(['A1'], forget(memory, 'B'))).toBe('-');
  });
});

describe('follow', () => {
  const given = rules(16);
  const start = { view: joined(given, 'ABC'), activeInput: nobody };

  it('room-model#20 keepActiveInputPrimary: the speaker swaps with the first, repeated reports change nothing', () => {
    const primary = { keepActiveInputPrimary: true };
    const after = follow(primary, start, 'B');
    expect(shown(given, after.view)).toBe('1:B 2:A 3:C 4:');
    expect(after.activeInput).toBe('B');
    expect(follow(primary, after, 'B')).toEqual(after);
    expect(layoutChange(given, after.view, follow(primary, after, 'B').view)).toBeUndefined();
  });

  it('room-model#21 without keepActiveInputPrimary only activeInput changes', () => {
    const after = follow({ keepActiveInputPrimary: false }, start, 'B');
    expect(after).toEqual({ view: start.view, activeInput: 'B' });
    expect(layoutChange(given, start.view, after.view)).toBeUndefined();
  });

  it('leaves the layout as it is for a speaker without a picture', () => {
    expect(follow({ keepActiveInputPrimary: true }, start, 'Z')).toEqual({
      view: start.view,
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
