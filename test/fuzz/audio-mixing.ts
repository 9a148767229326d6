// Owns the fuzz target for the audio pipeline: packets, lines and settings of any kind in any order. It gives one packet
// of each possible output each period, and never throws.
import type { AudioFormat } from '../../schemas/media.ts';
import type { DesiredAudioMixer } from '../../schemas/worker.ts';
import { loadAudio } from '../../wasm/audio.ts';
import { builtFolder, readModule } from '../../wasm/locate.ts';
import { createAudioPipeline } from '../../workers/audio/audio-pipeline.ts';
import { mixesAudio } from '../../workers/audio/sound-codec.ts';
import type { OutputFrame } from '../../workers/mixing/pipeline.ts';
import { hostileBytes, integer, must } from './hostile-bytes.ts';
import type { FuzzTarget } from './target.ts';

const formats: readonly AudioFormat[] = [
  { codec: 'opus', sampleRate: 48_000, channelNum: 2 },
  { codec: 'pcmu' },
  { codec: 'pcma' },
  { codec: 'g722', sampleRate: 16_000, channelNum: 1 },
  { codec: 'g722', sampleRate: 16_000, channelNum: 2 },
  { codec: 'aac', sampleRate: 48_000, channelNum: 2 },
  { codec: 'isac', sampleRate: 16_000 },
];
const names = ['A', 'B', 'C', 'D', 'E'];
const [opusType, redType] = [111, 63];

/** Payloads that lead far: Opus of each mode, stereo, several frames, redundancy, and sound of telephones. */
const openings: readonly (readonly number[])[] = [
  [0x08, 0x40, 1, 2],
  [0x4c, 7, 7, 7, 7, 7],
  [0x7b, 0x83, 2, 3],
  [0xf8, 0xff, 0xfe],
  [0xfc, 9, 9, 9, 9, 9, 9],
  [0x80 | opusType, 0x0f, 0x00, 0x04, opusType, 0xf8, 1, 2, 3, 0xf8, 4],
  [0x80, 0x7f, 0x80, 0xff],
];

export const audioMixingTarget: FuzzTarget = {
  name: 'audio-mixing',
  async run(random, iterations) {
    if (builtFolder() === undefined) return;
    const audio = await loadAudio(await readModule('audio'));
    const any = <T>(list: readonly T[]): T => {
      const picked = list[integer(random, list.length)];
      if (picked === undefined) throw new Error('nothing to pick from');
      return picked;
    };
    const frames: OutputFrame[] = [];
    const pipeline = createAudioPipeline({
      audio,
      measure: () => 0,
      out: {
        frame: (frame) => frames.push(frame),
        requestKeyFrame: () => undefined,
        ages: (ages) => {
          for (const { ageMs } of ages) must(Number.isFinite(ageMs), 'an age is a number');
        },
        tapped: () => must(false, 'sound has no pictures'),
        speaker: (stream) => must(names.includes(stream), 'a speaker is an input'),
      },
    });
    let settings: DesiredAudioMixer = { kind: 'audio', id: 'm', inputs: [], outputs: [] };
    const configure = (nowMs: number): void => {
      const inputs = names.filter(() => random() < 0.7);
      settings = {
        kind: 'audio',
        id: 'm',
        inputs: inputs.map((id) => ({
          id,
          stream: id,
          owner: any(names),
          track: id,
          format: any(formats),
          active: random() < 0.8,
        })),
        outputs: names
          .filter(() => random() < 0.7)
          .map((track) => ({
            track,
            format: any(formats),
            ...(random() < 0.5 ? { without: any(names) } : {}),
          })),
        ...(random() < 0.7 ? { voice: { attention: integer(random, 3) } } : {}),
      };
      pipeline.configure(settings, nowMs);
    };
    let nowMs = 1_700_000_000_000 + integer(random, 1000);
    let line = 0;
    let sequence = 0xff00;
    configure(nowMs);
    for (let round = 0; round < iterations; round++) {
      const chance = random();
      if (chance < 0.01) configure(nowMs);
      else if (chance < 0.03) {
        pipeline.begin({
          line: ++line,
          input: any(names),
          format: any(formats),
          payloadType: opusType,
          clockRate: random() < 0.5 ? 48_000 : 8000,
          ...(random() < 0.5 ? { redType } : {}),
          ...(random() < 0.5 ? { audioLevelId: 1 } : {}),
        });
      } else if (chance < 0.04) pipeline.end(integer(random, line + 2));
      else if (chance < 0.06) {
        const [ntpHigh, ntpLow] = [integer(random, 2 ** 32), integer(random, 2 ** 32)];
        const rtpTimestamp = integer(random, 2 ** 32);
        pipeline.report({ line: integer(random, line + 2), ntpHigh, ntpLow, rtpTimestamp, arrivedMs: nowMs });
      } else {
        sequence = random() < 0.02 ? integer(random, 0x10000) : (sequence + 1) & 0xffff;
        const to = Math.max(0, line - integer(random, 6));
        pipeline.receive(to, packet(random, sequence, hostileBytes(random, any(openings), 200)), nowMs);
      }
      if (random() < 0.6) continue;
      nowMs += random() < 0.01 ? integer(random, 4000) : integer(random, 40);
      frames.length = 0;
      const next = pipeline.tick(nowMs);
      must(next > nowMs && next <= nowMs + 20, 'the next period is within 20 ms');
      const possible = settings.outputs.filter(({ format }) => mixesAudio(format)).length;
      must(
        possible === 0 ? frames.length === 0 : frames.length % possible === 0,
        'each output has its packets',
      );
      must(frames.length <= 11 * possible, 'a tick makes a bounded number of periods');
      for (const frame of frames) {
        const [payload] = frame.payloads;
        must(
          payload !== undefined && payload.length > 0 && payload.length <= 1275,
          'a payload is one packet',
        );
        must(frame.timestamp >= 0 && frame.timestamp < 2 ** 32, 'a timestamp has 32 bits');
      }
      const stats = pipeline.stats(nowMs);
      must(
        stats.kind === 'audio' && stats.inputs.every(({ levelDb }) => levelDb <= 0),
        'a level is at most 0 dB',
      );
    }
    pipeline.close();
    pipeline.close();
  },
};

function packet(random: () => number, sequence: number, payload: Uint8Array): Uint8Array {
  const told = random() < 0.5;
  const head = told ? 20 : 12;
  const bytes = new Uint8Array(head + payload.length);
  bytes.set([told ? 0x90 : 0x80, random() < 0.2 ? redType : opusType, sequence >> 8, sequence & 0xff]);
  const timestamp = random() < 0.02 ? integer(random, 2 ** 32) : (sequence * 960) >>> 0;
  new DataView(bytes.buffer).setUint32(4, timestamp);
  bytes.set([0, 0, 0, random() < 0.01 ? integer(random, 256) : 7], 8);
  if (told) bytes.set([0xbe, 0xde, 0, 1, 0x10, integer(random, 128), 0, 0], 12);
  bytes.set(payload, head);
  return random() < 0.05 ? bytes.subarray(0, integer(random, bytes.length)) : bytes;
}
