import { beforeAll, expect, it } from 'vitest';
import type { Audio } from '../../wasm/audio.ts';
import { describeBuilt, freshAudio } from '../../wasm/scripted-modules.ts';
import { TelephonyDecoder } from './telephony-decoder.ts';
import { TelephonyEncoder } from './telephony-encoder.ts';

/** 20 ms of a tone of 1 kHz at 48 kHz. */
const period = (index: number): Float32Array =>
  Float32Array.from({ length: 960 }, (_, at) => 0.5 * Math.sin((2 * Math.PI * (index * 960 + at)) / 48));

describeBuilt('telephony', () => {
  let audio: Audio;
  beforeAll(async () => {
    audio = await freshAudio();
  });

  it.each(['pcmu', 'pcma', 'g722'] as const)(
    '%s comes back whole, in periods of 20 ms, without a hole',
    (codec) => {
      const encoder = new TelephonyEncoder(audio, codec, 1);
      const decoder = new TelephonyDecoder(audio, codec, 2);
      const heard: number[] = [];
      for (let index = 0; index < 5; index++) {
        const packet = encoder.encode(period(index));
        expect(packet).toHaveLength(160);
        const both = decoder.decode(packet);
        expect(both).toHaveLength(2 * 960);
        for (let at = 0; at < both.length; at += 2) {
          expect(both[at]).toBe(both[at + 1]);
          heard.push(both[at]!);
        }
      }
      // A tone is never quiet for as long as half of its period, once it has begun.
      const begun = heard.findIndex((sample) => Math.abs(sample) > 0.3);
      expect(begun).toBeLessThan(600);
      for (let at = begun; at + 24 < heard.length; at++) {
        expect(Math.max(...heard.slice(at, at + 24).map(Math.abs))).toBeGreaterThan(0.3);
      }
      encoder.close();
      decoder.close();
    },
  );
});
