// Owns timing our wrappers the way wasm/native/measure.h times the native libraries.
import { createHash } from 'node:crypto';
import { H264Decoder } from '../../../wasm/h264-decoder.ts';
import { H264Encoder } from '../../../wasm/h264-encoder.ts';
import { writeCanvas } from '../../../wasm/picture.ts';
import type { Video } from '../../../wasm/video.ts';
import { VpxDecoder } from '../../../wasm/vpx-decoder.ts';
import { VpxEncoder } from '../../../wasm/vpx-encoder.ts';

export interface Job {
  readonly codec: 'h264' | 'vp8';
  /** Packed I420 pictures, one after the other. */
  readonly clip: Uint8Array;
  readonly width: number;
  readonly height: number;
  readonly bitrateBps: number;
  readonly runs: number;
}

/** Mean over the frames of the fastest time of each, in ms, and the MD5 of the bitstream. */
export function measure(video: Video, job: Job): { encodeMs: number; decodeMs: number; bits: string } {
  const { codec, clip, width, height, bitrateBps, runs } = job;
  const pictureBytes = (width * height * 3) / 2;
  const count = clip.length / pictureBytes;
  const encodeMs = new Float64Array(count).fill(Infinity);
  const decodeMs = new Float64Array(count).fill(Infinity);
  let frames: Uint8Array[] = [];
  for (let run = 0; run < runs; run++) {
    const options = { width, height, bitrateBps };
    const encoder =
      codec === 'h264'
        ? new H264Encoder(video, { ...options, frameRate: 30 })
        : new VpxEncoder(video, { ...options, codec });
    frames = [];
    for (let i = 0; i < count; i++) {
      const began = performance.now();
      writeCanvas(video, encoder.canvas, clip.subarray(i * pictureBytes, (i + 1) * pictureBytes));
      const encoded = encoder.encode(encoder instanceof H264Encoder ? (i * 1000) / 30 : 1000 / 30);
      encodeMs[i] = Math.min(encodeMs[i] ?? Infinity, performance.now() - began);
      if (encoded) frames.push(encoded.data);
    }
    encoder.close();
  }
  for (let run = 0; run <= runs; run++) {
    const decoder = codec === 'h264' ? new H264Decoder(video) : new VpxDecoder(video, codec);
    for (const [i, frame] of frames.entries()) {
      const began = performance.now();
      decoder.decode(frame);
      decodeMs[i] = Math.min(decodeMs[i] ?? Infinity, performance.now() - began);
    }
    decoder.close();
  }
  const hash = createHash('md5');
  for (const frame of frames) hash.update(frame);
  const mean = (times: Float64Array): number => {
    const known = times.filter((time) => Number.isFinite(time));
    return known.reduce((sum, time) => sum + time, 0) / known.length;
  };
  return { encodeMs: mean(encodeMs), decodeMs: mean(decodeMs), bits: hash.digest('hex') };
}
