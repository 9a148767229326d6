// Owns the tests of who speaks in a mixer.
import { describe, expect, it } from 'vitest';
import { forget, hear, noSpeaker } from './active-speaker.ts';
import type { InputEnergy, SpeakerMemory } from './active-speaker.ts';

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
