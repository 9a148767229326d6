import { describe, expect, it } from 'vitest';
import { NoiseGate } from './noise-gate.ts';

/** A gate that heard these levels, each for as long, 20 ms apart. */
function heard(...levels: readonly (readonly [db: number, ms: number])[]): {
  gate: NoiseGate;
  nowMs: number;
} {
  const gate = new NoiseGate();
  let nowMs = 50_000;
  for (const [db, ms] of levels) {
    for (let passed = 0; passed < ms; passed += 20) gate.hear(db, (nowMs += 20));
  }
  return { gate, nowMs };
}

describe('a noise gate', () => {
  it.each([
    ['speech', [[-30, 1000]], true],
    ['a loud steady tone', [[-20, 60_000]], true],
    ['hiss', [[-58, 1000]], false],
    ['silence', [[-127, 1000]], false],
    [
      'a low voice in a quiet room',
      [
        [-80, 2000],
        [-62, 200],
      ],
      true,
    ],
    [
      'the same level as the noise of a loud room',
      [
        [-62, 2000],
        [-62, 200],
      ],
      false,
    ],
    [
      'hiss after a muted microphone',
      [
        [-127, 6000],
        [-58, 1000],
      ],
      false,
    ],
    [
      'a fan that was switched on long ago',
      [
        [-75, 1000],
        [-55, 30_000],
      ],
      false,
    ],
  ] as const)('is right about %s', (_name, levels, open) => {
    const { gate, nowMs } = heard(...levels);
    expect(gate.isOpen(nowMs)).toBe(open);
  });

  it('stays open between words and closes half a second after the last', () => {
    const { gate, nowMs } = heard([-30, 1000]);
    expect(gate.isOpen(nowMs + 480)).toBe(true);
    expect(gate.isOpen(nowMs + 500)).toBe(false);
    gate.close();
    expect(gate.isOpen(nowMs)).toBe(false);
  });

  it('gives energy to speech only, ten times as much for each 10 dB', () => {
    const { gate } = heard([-55, 1000]);
    expect(gate.energy(-55)).toBe(0);
    expect(gate.energy(-46)).toBe(0);
    expect(gate.energy(-30)).toBeCloseTo(0.001);
    expect(gate.energy(-20) / gate.energy(-30)).toBeCloseTo(10);
  });
});
