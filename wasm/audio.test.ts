import { beforeEach, expect, it } from 'vitest';
import { AacEncoder } from './aac-encoder.ts';
import type { Audio } from './audio.ts';
import { AudioMixer } from './audio-mixer.ts';
import { OpusDecoder } from './opus-decoder.ts';
import { OpusEncoder } from './opus-encoder.ts';
import { Resampler } from './resampler.ts';
import { md5, sound } from './scripted-clip.ts';
import { describeBuilt, freshAudio } from './scripted-modules.ts';

const sine = (count: number, hz: number, rate: number, level = 0.5, from = 0): Float32Array<ArrayBuffer> =>
  Float32Array.from({ length: count }, (_, i) => level * Math.sin((2 * Math.PI * hz * (i + from)) / rate));

/** Level of one frequency in a signal. */
function levelAt(samples: Float32Array, hz: number, rate: number): number {
  let re = 0;
  let im = 0;
  for (const [i, sample] of samples.entries()) {
    re += sample * Math.cos((2 * Math.PI * hz * i) / rate);
    im += sample * Math.sin((2 * Math.PI * hz * i) / rate);
  }
  return (2 * Math.hypot(re, im)) / samples.length;
}

const joined = (parts: readonly Float32Array[]): Float32Array<ArrayBuffer> =>
  Float32Array.from(parts.flatMap((part) => [...part]));

describeBuilt('Opus', () => {
  let audio: Audio;
  beforeEach(async () => {
    audio = await freshAudio();
  });

  it.each([
    { channels: 1, voice: true, bitrateBps: 32_000, bits: 'd2f9e56ac98030e4d3478c8259572c3f' },
    { channels: 2, voice: false, bitrateBps: 64_000, bits: '156f742a8d57895512055e1b6a35835f' },
  ] as const)('gives the recorded bits with $channels channels', ({ channels, voice, bitrateBps, bits }) => {
    const encoder = new OpusEncoder(audio, { channels, voice, bitrateBps, fec: true });
    const samples = sound(960 * channels * 50, 109 * channels);
    const packets = Array.from({ length: 50 }, (_, i) =>
      encoder.encode(samples.subarray(i * 960 * channels, (i + 1) * 960 * channels)),
    );
    expect(md5(...packets)).toBe(bits);
  });

  it('brings back what went in', () => {
    const encoder = new OpusEncoder(audio, { channels: 1, bitrateBps: 64_000 });
    const decoder = new OpusDecoder(audio, 1);
    const heard = Array.from({ length: 25 }, (_, i) =>
      decoder.decode(encoder.encode(sine(960, 1000, 48_000, 0.5, i * 960)))!.slice(),
    );
    const steady = joined(heard.slice(5));
    expect(levelAt(steady, 1000, 48_000)).toBeCloseTo(0.5, 1);
    expect(levelAt(steady, 3000, 48_000)).toBeLessThan(0.01);
  });

  it('recovers a lost packet from the next one, better than by concealment', () => {
    const options = { channels: 1, voice: true, bitrateBps: 32_000, fec: true } as const;
    const encoder = new OpusEncoder(audio, options);
    encoder.setLoss(30);
    // A tone that steps up: concealment continues the old one, the copy knows the new one.
    const packets = Array.from({ length: 40 }, (_, i) =>
      encoder.encode(sine(960, i < 22 ? 400 : 700, 48_000, 0.5, i * 960)),
    );
    const heard = (lost: (decoder: OpusDecoder) => Float32Array): number => {
      const decoder = new OpusDecoder(audio, 1);
      for (const packet of packets.slice(0, 22)) decoder.decode(packet);
      return levelAt(lost(decoder), 700, 48_000);
    };
    const recovered = heard((decoder) => decoder.recover(packets[23]!, 960)!);
    expect(recovered).toBeGreaterThan(0.3);
    expect(heard((decoder) => decoder.conceal(960))).toBeLessThan(0.1);
  });

  it('refuses wrong lengths and options', () => {
    const encoder = new OpusEncoder(audio, { channels: 2, bitrateBps: 64_000 });
    expect(() => encoder.encode(new Float32Array(100))).toThrow(RangeError);
    expect(() => new OpusDecoder(audio, 1).conceal(100)).toThrow(RangeError);
    expect(() => new OpusEncoder(audio, { channels: 1, bitrateBps: 1 })).toThrow(RangeError);
  });

  it('closes twice, and says so when used later', () => {
    const encoder = new OpusEncoder(audio, { channels: 1, bitrateBps: 64_000 });
    const decoder = new OpusDecoder(audio, 1);
    for (const codec of [encoder, decoder, encoder, decoder]) codec.close();
    expect(() => encoder.encode(new Float32Array(960))).toThrow('OpusEncoder is closed');
    expect(() => decoder.decode(Uint8Array.of(0))).toThrow('OpusDecoder is closed');
  });
});

describeBuilt('AAC-LC', () => {
  it('gives the recorded bits, in ADTS frames that say what they are', async () => {
    const encoder = new AacEncoder(await freshAudio(), {
      sampleRate: 48_000,
      channels: 2,
      bitrateBps: 128_000,
      adts: true,
    });
    const samples = sound(2048 * 40, 218);
    const frames = Array.from({ length: 40 }, (_, i) =>
      encoder.encode(samples.subarray(i * 2048, (i + 1) * 2048)),
    );
    for (const frame of frames) {
      expect(frame[0]).toBe(0xff);
      expect(frame[1]! & 0xf6).toBe(0xf0);
      const length = ((frame[3]! & 3) << 11) | (frame[4]! << 3) | (frame[5]! >> 5);
      expect(length).toBe(frame.length);
    }
    expect([...encoder.config]).toEqual([0x11, 0x90]);
    expect(md5(...frames)).toBe('d72363113b9bdc0104abf660f3ba607c');
    encoder.close();
    encoder.close();
    expect(() => encoder.encode(new Float32Array(2048))).toThrow('AacEncoder is closed');
  });

  it('refuses rates that AAC has not', async () => {
    const audio = await freshAudio();
    expect(() => new AacEncoder(audio, { sampleRate: 47_999, channels: 2, bitrateBps: 128_000 })).toThrow(
      RangeError,
    );
  });
});

describeBuilt('Resampler', () => {
  it.each([
    [8000, 48_000],
    [16_000, 48_000],
    [44_100, 48_000],
    [48_000, 16_000],
    [48_000, 8000],
  ])('keeps a tone from %d to %d Hz', async (fromRate, toRate) => {
    const resampler = new Resampler(await freshAudio(), { channels: 1, fromRate, toRate });
    const period = fromRate / 50;
    const parts = Array.from({ length: 50 }, (_, i) =>
      resampler.process(sine(period, 1000, fromRate, 0.5, i * period)).slice(),
    );
    const heard = joined(parts);
    expect(Math.abs(heard.length - toRate)).toBeLessThan(toRate / 100);
    expect(levelAt(heard.subarray(toRate / 10), 1000, toRate)).toBeCloseTo(0.5, 1);
    resampler.close();
    resampler.close();
    expect(() => resampler.process(new Float32Array(8))).toThrow('Resampler is closed');
  });

  it('keeps what lies above half the lower rate out', async () => {
    const resampler = new Resampler(await freshAudio(), { channels: 1, fromRate: 48_000, toRate: 16_000 });
    const heard = resampler.process(sine(9600, 10_000, 48_000)).slice(800);
    expect(levelAt(heard, 6000, 16_000)).toBeLessThan(0.01);
  });
});

describeBuilt('AudioMixer', () => {
  const frames = 480;
  const setUp = async () => new AudioMixer(await freshAudio(), { channels: 1, frames, inputs: 3 });

  it('gives each input the others, and everybody else all', async () => {
    const mixer = await setUp();
    mixer.add(0, new Float32Array(frames).fill(0.25));
    mixer.add(1, new Float32Array(frames).fill(0.125), 2);
    expect(mixer.all()[7]).toBeCloseTo(0.5);
    expect(mixer.without(0)[7]).toBeCloseTo(0.25);
    expect(mixer.without(1)[7]).toBeCloseTo(0.25);
    expect(mixer.without(2)[7]).toBeCloseTo(0.5);
    mixer.begin();
    expect(mixer.all().every((sample) => sample === 0)).toBe(true);
    mixer.close();
    mixer.close();
    expect(() => mixer.all()).toThrow('AudioMixer is closed');
  });

  it('turns down instead of clipping, and comes back', async () => {
    const mixer = await setUp();
    const period = (level: number): Float32Array => {
      mixer.begin();
      for (const input of [0, 1, 2]) mixer.add(input, sine(frames, 1000, 48_000, level));
      return mixer.all().slice();
    };
    period(0.9);
    const loud = period(0.9);
    expect(Math.max(...loud)).toBeLessThanOrEqual(1);
    // A clipped tone has harmonics; a quieter one has none.
    expect(levelAt(loud, 3000, 48_000)).toBeLessThan(0.01);
    expect(levelAt(loud, 1000, 48_000)).toBeGreaterThan(0.9);
    let quiet = period(0.1);
    for (let i = 0; i < 20; i++) quiet = period(0.1);
    expect(levelAt(quiet, 1000, 48_000)).toBeCloseTo(0.3, 2);
  });

  it('refuses wrong lengths, numbers and second helpings', async () => {
    const mixer = await setUp();
    mixer.add(0, new Float32Array(frames));
    expect(() => mixer.add(0, new Float32Array(frames))).toThrow(RangeError);
    expect(() => mixer.add(3, new Float32Array(frames))).toThrow(RangeError);
    expect(() => mixer.add(1, new Float32Array(1))).toThrow(RangeError);
  });

  it('adds nothing with gain 0, however often', async () => {
    const mixer = await setUp();
    mixer.add(0, new Float32Array(frames).fill(1), 0);
    expect(mixer.all()[0]).toBe(0);
  });
});
