// Owns timing our wrappers the way wasm/native/measure.h times the native libraries.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
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

/**
 * Processor time of this thread in ms; wall time where the system does not tell. Exact to a few milliseconds, so it is
 * for whole runs.
 */
function cpuMs(): number {
  try {
    return Number(readFileSync('/proc/thread-self/schedstat', 'utf8').split(' ')[0]) / 1e6;
  } catch {
    return performance.now();
  }
}

/** Time of `work`, with whole run after whole run, the fastest of which counts. */
function fastest(runs: number, work: () => () => void): number {
  let best = Infinity;
  for (let run = 0; run < runs; run++) {
    const timed = work();
    const began = cpuMs();
    timed();
    best = Math.min(best, cpuMs() - began);
  }
  return best;
}

/** Processor time for one frame of the fastest run, in ms, and the MD5 of the bitstream. */
export function measure(video: Video, job: Job): { encodeMs: number; decodeMs: number; bits: string } {
  const { codec, clip, width, height, bitrateBps, runs } = job;
  const pictureBytes = (width * height * 3) / 2;
  const count = clip.length / pictureBytes;
  const options = { width, height, bitrateBps };
  let frames: Uint8Array[] = [];
  const encodeMs = fastest(runs, () => {
    const encoder =
      codec === 'h264'
        ? new H264Encoder(video, { ...options, frameRate: 30 })
        : new VpxEncoder(video, { ...options, codec });
    frames = [];
    return () => {
      for (let i = 0; i < count; i++) {
        writeCanvas(video, encoder.canvas, clip.subarray(i * pictureBytes, (i + 1) * pictureBytes));
        const encoded = encoder.encode(encoder instanceof H264Encoder ? (i * 1000) / 30 : 1000 / 30);
        if (encoded) frames.push(encoded.data);
      }
      encoder.close();
    };
  });
  const decodeMs = fastest(runs + 1, () => {
    const decoder = codec === 'h264' ? new H264Decoder(video) : new VpxDecoder(video, codec);
    return () => {
      for (const frame of frames) decoder.decode(frame);
      decoder.close();
    };
  });
  const hash = createHash('md5');
  for (const frame of frames) hash.update(frame);
  return { encodeMs: encodeMs / count, decodeMs: decodeMs / count, bits: hash.digest('hex') };
}
