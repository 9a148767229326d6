// Owns the participants of a benchmarked room: as many H.264 streams as wanted, of different content, as files for ffmpeg,
// as access units for engines, and as RTP packets for rooms.
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { H264Encoder } from '../../../wasm/h264-encoder.ts';
import { writeCanvas } from '../../../wasm/picture.ts';
import type { Video } from '../../../wasm/video.ts';
import { packetizeH264 } from '../../../workers/frames/packetize-h264.ts';

export interface Participant {
  /** Annex B, for ffmpeg. */
  readonly file: string;
  /** What is in it, picture for picture. */
  readonly units: readonly { readonly data: Uint8Array; readonly key: boolean }[];
  /** The RTP packets of each picture. */
  readonly pictures: readonly (readonly Uint8Array[])[];
}

export const inputSize = { width: 640, height: 360 };
export const payloadType = 96;
const bitrateBps = 800_000;
const clipPictures = 90;
/** Heads before walls that stand still or pan, with more or less noise. */
const scenes = [
  { pan: '0', noise: '1.5' },
  { pan: '4', noise: '3' },
  { pan: '0', noise: '3' },
];

/** `clip`: the program that renders test clips. */
export function madeParticipants(
  video: Video,
  { clip, folder, count, pictures }: { clip: string; folder: string; count: number; pictures: number },
): Participant[] {
  const { width, height } = inputSize;
  const rendered = scenes.map(({ pan, noise }) =>
    execFileSync(clip, [String(width), String(height), String(clipPictures), pan, noise], { maxBuffer: 1e9 }),
  );
  return Array.from({ length: count }, (_, index) => {
    const scene = rendered[index % scenes.length] ?? new Uint8Array();
    const units = encode(video, scene, index * 17, pictures);
    const file = join(folder, `${index}.h264`);
    writeFileSync(file, Buffer.concat(units.map(({ data }) => data)));
    let sequence = index * 1000;
    const packets = units.map(({ data }, at) =>
      (packetizeH264(data, 1, 1100) ?? []).map(({ payload, marker }) =>
        rtp(payload, marker, sequence++, at * 3000, index + 1),
      ),
    );
    return { file, units, pictures: packets };
  });
}

/** Plays the clip forth and back from picture `from` on, so that there are no cuts. */
function encode(video: Video, clip: Uint8Array, from: number, count: number): Participant['units'] {
  const bytes = (inputSize.width * inputSize.height * 3) / 2;
  const encoder = new H264Encoder(video, { ...inputSize, frameRate: 30, bitrateBps });
  const units: { data: Uint8Array; key: boolean }[] = [];
  for (let index = 0; index < count; index++) {
    const at = (from + index) % (2 * clipPictures - 2);
    const picture = at < clipPictures ? at : 2 * clipPictures - 2 - at;
    writeCanvas(video, encoder.canvas, clip.subarray(picture * bytes, (picture + 1) * bytes));
    const unit = encoder.encode((index * 1000) / 30);
    if (unit !== undefined) units.push({ data: unit.data, key: unit.isKey });
  }
  encoder.close();
  return units;
}

function rtp(
  payload: Uint8Array,
  marker: boolean,
  sequence: number,
  timestamp: number,
  ssrc: number,
): Uint8Array {
  const packet = new Uint8Array(12 + payload.length);
  const view = new DataView(packet.buffer);
  packet[0] = 0x80;
  packet[1] = (marker ? 0x80 : 0) | payloadType;
  view.setUint16(2, sequence & 0xffff);
  view.setUint32(4, timestamp);
  view.setUint32(8, ssrc);
  packet.set(payload, 12);
  return packet;
}
