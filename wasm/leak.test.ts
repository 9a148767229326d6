import { expect, it } from 'vitest';
import { AacEncoder } from './aac-encoder.ts';
import { Compositor } from './compositor.ts';
import { H264Decoder } from './h264-decoder.ts';
import { H264Encoder } from './h264-encoder.ts';
import { OpusDecoder } from './opus-decoder.ts';
import { OpusEncoder } from './opus-encoder.ts';
import { writeCanvas } from './picture.ts';
import { Resampler } from './resampler.ts';
import { clip, sound } from './scripted-clip.ts';
import { describeBuilt, freshAudio, freshVideo } from './scripted-modules.ts';
import { VpxDecoder } from './vpx-decoder.ts';
import { VpxEncoder } from './vpx-encoder.ts';

const frames = 100_000;
const size = 16;

describeBuilt('memory', () => {
  it(
    `stays what it is over ${frames} pictures through encoder, decoder and compositor`,
    { timeout: 120_000 },
    async () => {
      const video = await freshVideo();
      const pictures = clip(size, size, 10);
      const options = { width: size, height: size, bitrateBps: 50_000 };
      const whole = { x: 0, y: 0, width: size, height: size };
      const compositor = new Compositor(video);
      const own = compositor.createCanvas(32, 32);
      const h264 = {
        encoder: new H264Encoder(video, { ...options, frameRate: 30 }),
        decoder: new H264Decoder(video),
      };
      const vp8 = {
        encoder: new VpxEncoder(video, { ...options, codec: 'vp8' }),
        decoder: new VpxDecoder(video, 'vp8'),
      };
      let settled = 0;
      for (let i = 0; i < frames; i++) {
        const { encoder, decoder } = i % 2 === 0 ? h264 : vp8;
        writeCanvas(video, encoder.canvas, pictures[i % 10]!);
        const encoded = encoder.encode(encoder instanceof H264Encoder ? i * 33 : 33, i % 1000 < 2);
        if (encoded) {
          const decoded = decoder.decode(encoded.data);
          if (decoded.kind === 'picture')
            compositor.draw(own, { ...whole, width: 24 }, decoded.picture, whole);
        }
        if (i === 1000) settled = video.memoryBytes;
      }
      expect(video.memoryBytes).toBe(settled);
    },
  );

  it('comes back when codecs are closed', { timeout: 60_000 }, async () => {
    const video = await freshVideo();
    const audio = await freshAudio();
    const drawing = new Compositor(video);
    let settled = [0, 0];
    for (let i = 0; i < 200; i++) {
      const options = { width: 320, height: 180, bitrateBps: 200_000 };
      const compositor = new Compositor(video);
      compositor.createCanvas(640, 360);
      drawing.release(drawing.createCanvas(1280, 720));
      for (const closable of [
        compositor,
        new H264Encoder(video, { ...options, frameRate: 30 }),
        new H264Decoder(video),
        new VpxEncoder(video, { ...options, codec: i % 2 ? 'vp8' : 'vp9' }),
        new VpxDecoder(video, 'vp9'),
        new OpusEncoder(audio, { channels: 2, bitrateBps: 64_000 }),
        new OpusDecoder(audio, 2),
        new AacEncoder(audio, { sampleRate: 48_000, channels: 2, bitrateBps: 128_000 }),
        new Resampler(audio, { channels: 1, fromRate: 16_000, toRate: 48_000 }),
      ]) {
        closable.close();
      }
      if (i === 10) settled = [video.memoryBytes, audio.memoryBytes];
    }
    expect([video.memoryBytes, audio.memoryBytes]).toEqual(settled);
  });

  it(`stays what it is over ${frames} packets of Opus`, { timeout: 120_000 }, async () => {
    const audio = await freshAudio();
    const encoder = new OpusEncoder(audio, { channels: 1, bitrateBps: 16_000, voice: true, complexity: 0 });
    const decoder = new OpusDecoder(audio, 1);
    const samples = sound(120, 40);
    const before = audio.memoryBytes;
    for (let i = 0; i < frames; i++) decoder.decode(encoder.encode(samples));
    expect(audio.memoryBytes).toBe(before);
  });
});
