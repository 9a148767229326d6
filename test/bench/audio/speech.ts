// Owns the sounds that participants of the audio benchmark send: packets of Opus that are made once and sent again and
// again, each with its level.
import { loadAudio } from '../../../wasm/audio.ts';
import { readModule } from '../../../wasm/locate.ts';
import { OpusEncoder } from '../../../wasm/opus-encoder.ts';
import { seeded } from '../../fuzz/seeded.ts';

export interface SpokenPacket {
  readonly payload: Uint8Array;
  /** Below full scale, as RFC 6464 has it: 0 … 127. */
  readonly level: number;
}

const seconds = 5;
const frames = 960;

/** Words of a buzzing voice with short pauses, as a browser would encode them. */
export function speech(seed: number): Promise<readonly SpokenPacket[]> {
  const random = seeded(seed);
  const pitch = 90 + 120 * random();
  let phase = 0;
  let [before, beforeThat] = [0, 0];
  return encoded((at) => {
    phase += (pitch * (1 + 0.2 * Math.sin(at / 9000))) / 48_000;
    const pulse = phase >= 1 ? 1 : 0;
    phase -= pulse;
    const formant = (2 * Math.PI * (600 + 350 * Math.sin(at / 5500))) / 48_000;
    const sound = pulse + (random() - 0.5) * 0.05 + 1.96 * Math.cos(formant) * before - 0.96 * beforeThat;
    [before, beforeThat] = [sound, before];
    return 0.02 * sound * Math.max(0.02, Math.sin(at / 12_000));
  });
}

/** A room in which nobody speaks. */
export function hiss(seed: number): Promise<readonly SpokenPacket[]> {
  const random = seeded(seed);
  return encoded(() => (random() - 0.5) * 0.001);
}

async function encoded(sample: (at: number) => number): Promise<readonly SpokenPacket[]> {
  const audio = await loadAudio(await readModule('audio'));
  const encoder = new OpusEncoder(audio, { channels: 1, bitrateBps: 32_000, voice: true, fec: true });
  return Array.from({ length: seconds * 50 }, (_, index) => {
    const samples = Float32Array.from({ length: frames }, (_, at) => sample(index * frames + at));
    const energy = samples.reduce((sum, x) => sum + x * x, 0) / frames;
    const level = Math.min(127, Math.max(0, Math.round(-10 * Math.log10(energy))));
    return { payload: encoder.encode(samples), level };
  });
}
