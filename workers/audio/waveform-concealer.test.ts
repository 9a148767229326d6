import { describe, expect, it } from 'vitest';
import { WaveformConcealer } from './waveform-concealer.ts';

const rate = 8000;
const tone = (from: number, count: number, hz = 200): Float32Array =>
  Float32Array.from({ length: count }, (_, at) => 0.5 * Math.sin((2 * Math.PI * hz * (from + at)) / rate));

describe('a waveform concealer', () => {
  it('goes on with a tone as it was, and ever quieter', () => {
    const concealer = new WaveformConcealer(rate);
    concealer.heard(tone(0, 800));
    const invented = concealer.conceal(80);
    const wanted = tone(800, 80);
    for (const [at, sample] of invented.entries()) expect(sample).toBeCloseTo(wanted[at]!, 2);
    const later = concealer.conceal(400);
    expect(Math.max(...later.subarray(0, 80))).toBeGreaterThan(0.35);
    expect(Math.max(...later.subarray(240, 320))).toBeLessThan(0.2);
    expect(Math.max(...concealer.conceal(80))).toBe(0);
  });

  it('joins what comes after the loss without a step', () => {
    const concealer = new WaveformConcealer(rate);
    concealer.heard(tone(0, 800));
    const invented = concealer.conceal(160);
    const after = tone(300, 160, 430);
    concealer.heard(after);
    const steps = [...invented.subarray(-1), ...after].map((sample, at, all) =>
      Math.abs(sample - (all[at - 1] ?? sample)),
    );
    expect(Math.max(...steps)).toBeLessThan(0.25);
    expect(after[100]).toBe(tone(300, 160, 430)[100]);
  });

  it('makes silence of silence', () => {
    expect(new WaveformConcealer(rate).conceal(160)).toEqual(new Float32Array(160));
  });
});
