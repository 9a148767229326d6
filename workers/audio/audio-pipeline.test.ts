import { beforeAll, describe, expect, it } from 'vitest';
import type { AudioFormat } from '../../schemas/media.ts';
import type { Audio } from '../../wasm/audio.ts';
import { describeBuilt, freshAudio } from '../../wasm/scripted-modules.ts';
import { readOpusPacket } from '../frames/opus-packet.ts';
import { seededRandom } from '../rtp/made-packets.ts';
import { counted, opus, pcmu, redType, Room, Sender, toneLevel } from './scripted-room.ts';
import { mixesAudio } from './sound-codec.ts';

const tones = { A: 400, B: 700, C: 1100, D: 1600 };
const pcma: AudioFormat = { codec: 'pcma' };
const g722: AudioFormat = { codec: 'g722', sampleRate: 16_000, channelNum: 1 };
const aac: AudioFormat = { codec: 'aac', sampleRate: 48_000, channelNum: 2 };

const peak = (samples: Float32Array): number => samples.reduce((most, x) => Math.max(most, Math.abs(x)), 0);

describeBuilt('an audio mixer', () => {
  let audio: Audio;
  beforeAll(async () => {
    audio = await freshAudio();
  });

  describe('who hears what', () => {
    it.each([
      ['mono', 1],
      ['stereo', 2],
    ] as const)(
      'room-model#25 gives everybody all others, and those who only listen everything, in %s',
      (_name, channels) => {
        const room = new Room(audio);
        for (const [owner, hz] of Object.entries(tones)) {
          room.join(owner, { hz, channels });
          room.listen(owner, owner);
        }
        const all = room.listen('all');
        room.run(1600);
        for (const [listener, heard] of room.listeners) {
          for (const [owner, hz] of Object.entries(tones)) {
            const level = heard.tone(hz);
            if (owner === listener) expect(level, `${listener} hears itself`).toBeLessThan(0.003);
            else expect(level, `${listener} hears ${owner}`).toBeGreaterThan(0.05);
          }
        }
        expect(readOpusPacket(all.frames.at(-1)!.payloads[0]!)?.channels).toBe(channels);
      },
    );

    it('takes all inputs of one owner out of its own mix', () => {
      const room = new Room(audio);
      room.join('microphone', { hz: 400 }, 'A');
      room.join('screen', { hz: 700 }, 'A');
      room.join('B', { hz: 1100 });
      const own = room.listen('own', 'A');
      const all = room.listen('all');
      room.run(1000);
      expect([400, 700, 1100].map((hz) => own.tone(hz) > 0.05)).toEqual([false, false, true]);
      expect([400, 700, 1100].map((hz) => all.tone(hz) > 0.05)).toEqual([true, true, true]);
    });

    it.each([
      ['opus', opus],
      ['pcmu', pcmu],
      ['g722', g722],
    ] as const)('leaves no hole in %s where somebody begins or ceases to speak', (_name, format) => {
      const room = new Room(audio);
      const speaker = room.join('A', { hz: 400, level: 0 });
      room.join('B', { hz: 700, level: 0.3 });
      const heard = room.listen('A', 'A', format);
      room.run(1000);
      speaker.level = 0.3;
      room.run(1000);
      speaker.level = 0;
      room.run(2000);
      const whole = heard.last(3400);
      const peaks = Array.from({ length: whole.length / 240 }, (_, at) =>
        peak(whole.subarray(at * 240, (at + 1) * 240)),
      );
      expect(Math.min(...peaks)).toBeGreaterThan(0.15);
      expect(Math.max(...peaks)).toBeLessThan(0.5);
    });

    it('turns loud inputs down instead of clipping them', () => {
      const room = new Room(audio);
      for (const [owner, hz] of Object.entries(tones)) room.join(owner, { hz, level: 0.9 });
      const all = room.listen('all', undefined, g722);
      room.run(1600);
      const heard = all.last(400);
      expect(peak(heard)).toBeLessThanOrEqual(1);
      for (const hz of Object.values(tones)) expect(toneLevel(heard, hz)).toBeGreaterThan(0.15);
      // Clipping would make harmonics.
      expect(toneLevel(heard, 2100)).toBeLessThan(0.02);
    });

    it('lets who comes late in at once', () => {
      const room = new Room(audio);
      room.join('A', { hz: 400 });
      room.listen('first');
      room.run(3000);
      room.join('B', { hz: 700 });
      const late = room.listen('late');
      room.run(600);
      expect(late.tone(400, 200)).toBeGreaterThan(0.05);
      expect(late.tone(700, 200)).toBeGreaterThan(0.05);
      expect(late.frames[0]?.marker).toBe(true);
    });

    it('hears no more of who is muted or gone, and again of who is not', () => {
      const room = new Room(audio);
      room.join('A', { hz: 400 });
      room.join('B', { hz: 700 });
      const all = room.listen('all');
      room.run(800);
      room.setActive('A', false);
      room.run(400);
      expect(all.tone(400, 300)).toBeLessThan(0.003);
      expect(all.tone(700, 300)).toBeGreaterThan(0.05);
      room.setActive('A', true);
      room.leave('B');
      room.run(800);
      expect(all.tone(400, 300)).toBeGreaterThan(0.05);
      expect(all.tone(700, 300)).toBeLessThan(0.003);
    });

    it('knows nothing of what is said into a muted microphone', () => {
      const room = new Room(audio);
      const sender = room.join('A', { hz: 400, tells: true });
      const all = room.listen('all');
      room.configure({ voice: { attention: 0 } });
      room.run(1400);
      room.speakers.length = 0;
      room.setActive('A', false);
      room.configure({ voice: { attention: 1 } });
      room.run(200);
      expect(statsOf(room).inputs[0]!.levelDb).toBe(-127);
      sender.level = 0;
      room.setActive('A', true);
      room.run(800);
      expect(room.speakers).toEqual([]);
      expect(all.tone(400, 700)).toBeLessThan(0.001);
    });

    it('goes on when an input comes from another stream', () => {
      const room = new Room(audio);
      room.join('A', { hz: 400 });
      const all = room.listen('all');
      room.run(800);
      room.send('A', new Sender(audio, { hz: 700, ssrc: 99, timestamp: 5 }));
      room.run(800);
      expect(all.tone(400)).toBeLessThan(0.003);
      expect(all.tone(700)).toBeGreaterThan(0.05);
    });
  });

  describe('formats', () => {
    const formats = { opus, pcmu, pcma, g722 };
    const names = Object.keys(formats) as (keyof typeof formats)[];

    it.each(names.flatMap((from) => names.map((to) => [from, to] as const)))('%s becomes %s', (from, to) => {
      const room = new Room(audio);
      room.join('A', { hz: 800, format: formats[from], level: 0.3 });
      const heard = room.listen('out', undefined, formats[to]);
      room.run(1000);
      expect(heard.tone(800)).toBeCloseTo(0.3, 1);
      expect(heard.tone(2400)).toBeLessThan(0.01);
      const rate = to === 'opus' ? 48 : 8;
      for (const [index, frame] of heard.frames.entries()) {
        expect(frame.payloads).toHaveLength(1);
        expect(frame.timestamp).toBe((frame.atMs * rate) % 2 ** 32);
        expect(frame.atMs).toBe(heard.frames[0]!.atMs + index * 20);
        if (to !== 'opus') expect(frame.payloads[0]).toHaveLength(160);
      }
    });

    it('mixes inputs of all formats', () => {
      const room = new Room(audio);
      const inputs = [
        ['opus', 400],
        ['pcmu', 700],
        ['pcma', 1100],
        ['g722', 1600],
      ] as const;
      for (const [format, hz] of inputs) room.join(format, { format: formats[format], hz });
      const heard = room.listen('out');
      room.run(1200);
      for (const [, hz] of inputs) expect(heard.tone(hz)).toBeGreaterThan(0.05);
    });

    it('gives nothing in formats that are not for RTP, and says so beforehand', () => {
      const room = new Room(audio);
      room.join('A');
      const heard = room.listen('opus');
      room.configure({ outputs: [...room.settings.outputs, { track: 'aac', format: aac }] });
      room.run(200);
      expect(heard.frames).toHaveLength(10);
      expect(room.pipeline.stats(room.nowMs)).toMatchObject({ outputs: [{ track: 'opus' }] });
      expect([opus, pcmu, g722, aac, { codec: 'isac' } as const].map(mixesAudio)).toEqual([
        true,
        true,
        true,
        false,
        false,
      ]);
    });
  });

  describe('what it spends', () => {
    /** Decodes and encodes in a second of a room that has settled. */
    const spent = (set: (room: Room) => void): [decoded: number, encoded: number] => {
      const { audio: watched, calls } = counted(audio);
      // Senders and listeners have codecs of their own: only the pipeline's are counted.
      const room = new Room(audio, undefined, watched);
      set(room);
      room.run(2000);
      calls.clear();
      room.run(1000);
      return [calls.get('opus_decoder_decode') ?? 0, calls.get('opus_encoder_encode') ?? 0];
    };
    const silent = { level: 0 };
    const hiss = { level: 0.002 };

    it.each([
      ['decodes and encodes nothing where nobody speaks', true, [silent, silent, silent], [0, 0]],
      ['takes hiss for silence', true, [hiss, hiss, hiss], [0, 0]],
      ['decodes one and encodes once for one who speaks', true, [{}, silent, silent, silent], [50, 50]],
      ['encodes two mixes more for two who speak', true, [{}, {}, silent, silent], [100, 150]],
      ['must decode what does not tell its level', false, [{}, hiss, hiss, hiss], [200, 50]],
    ] as const)('%s', (_name, tells, senders, expected) => {
      expect(
        spent((room) => {
          for (const [index, sends] of senders.entries()) {
            room.join(`P${index}`, { ...sends, hz: 400 + 300 * index, tells });
            room.listen(`P${index}`, `P${index}`);
          }
        }),
      ).toEqual(expected);
    });

    it('encodes the common mix only where somebody hears it', () => {
      expect(
        spent((room) => {
          for (const owner of ['A', 'B', 'C']) {
            room.join(owner, { tells: true });
            room.listen(owner, owner);
          }
        }),
      ).toEqual([150, 150]);
    });

    it('decodes a talk spurt from its first packet to its end', () => {
      const room = new Room(audio);
      const speaker = room.join('A', { hz: 700, level: 0, tells: true });
      const heard = room.listen('all');
      room.run(2000);
      speaker.level = 0.3;
      room.run(400);
      speaker.level = 0;
      room.run(1000);
      const whole = heard.last(1600);
      const loud = Array.from(
        { length: 80 },
        (_, at) => peak(whole.subarray(at * 960, (at + 1) * 960)) > 0.2,
      );
      expect(loud.filter(Boolean).length).toBeGreaterThanOrEqual(19);
      expect(heard.tone(700, 400)).toBeLessThan(0.001);
    });
  });

  describe('silence', () => {
    it('is sent as small packets, and what comes after it is marked', () => {
      const room = new Room(audio);
      const speaker = room.join('A', { level: 0 });
      const heard = room.listen('all');
      const telephone = room.listen('telephone', undefined, pcmu);
      room.run(1000);
      expect(heard.frames).toHaveLength(50);
      expect(new Set(heard.frames.map(({ payloads }) => payloads[0]!.length))).toEqual(new Set([3]));
      expect(peak(heard.last(900))).toBeLessThan(1e-9);
      expect(peak(telephone.last(900))).toBeLessThan(0.001);
      const marked = (): number[] => heard.frames.flatMap(({ marker }, index) => (marker ? [index] : []));
      expect(marked()).toEqual([0]);
      speaker.level = 0.3;
      room.run(1000);
      expect(marked()).toHaveLength(2);
      expect(heard.tone(440)).toBeGreaterThan(0.2);
    });

    it('follows when an input ends, without an echo of it', () => {
      const room = new Room(audio);
      room.join('A', { level: 0.5 });
      const heard = room.listen('all');
      room.run(1000);
      room.senders.clear();
      room.run(1000);
      expect(peak(heard.last(500))).toBeLessThan(1e-9);
    });

    it('gives each output bytes of its own', () => {
      const room = new Room(audio);
      room.join('A');
      const one = room.listen('one');
      const other = room.listen('other');
      room.run(400);
      const [a, b] = [one, other].map(({ frames }) => frames.at(-1)!.payloads[0]!);
      expect(a).toEqual(b);
      expect(a!.buffer).not.toBe(b!.buffer);
    });
  });

  describe('a bad network', () => {
    it.each([
      ['opus', opus],
      ['pcmu', pcmu],
      ['g722', g722],
    ] as const)('lost packets of %s are concealed', (_name, format) => {
      const room = new Room(audio);
      room.join('A', { hz: 800, level: 0.3, format });
      const heard = room.listen('all', undefined, opus);
      room.run(1000);
      room.run(2000, (_owner, index) => index % 20 !== 7);
      const whole = heard.last(2000);
      const levels = Array.from({ length: 100 }, (_, at) =>
        toneLevel(whole.subarray(at * 960, (at + 1) * 960), 800),
      );
      expect(Math.min(...levels)).toBeGreaterThan(0.1);
      const [input] = statsOf(room).inputs;
      expect(input!.concealed + (format === opus ? 5 : 0)).toBeGreaterThanOrEqual(5);
    });

    it('redundant packets (RED) fill the gaps', () => {
      const room = new Room(audio);
      const sender = new Sender(audio, { hz: 800, level: 0.3, tells: true });
      room.join('A', { tells: true });
      const heard = room.listen('all');
      room.send('A', sender);
      room.senders.clear();
      let before: Uint8Array | undefined;
      for (let index = 0; index < 150; index++) {
        const payload = sender.payload();
        const head = before && [
          0x80 | 111,
          (960 >> 6) & 0xff,
          ((960 & 63) << 2) | (before.length >> 8),
          before.length & 0xff,
        ];
        const packet = sender.packet(
          Uint8Array.from([...(head ?? []), 111, ...(before ?? []), ...payload]),
          redType,
        );
        before = payload;
        if (index % 5 !== 2) room.pipeline.receive(room.lines.get('A')!, packet, room.nowMs);
        room.run(20);
      }
      expect(statsOf(room).inputs[0]).toMatchObject({ concealed: 0, late: 0 });
      expect(statsOf(room).inputs[0]!.played).toBeGreaterThan(140);
      expect(heard.tone(800)).toBeGreaterThan(0.2);
    });

    it.each([200, -200])("a sender's clock that is off by %d ppm does not make the delay grow", (ppm) => {
      const room = new Room(audio);
      const sender = room.join('A', { format: pcmu });
      room.senders.clear();
      const payload = sender.payload();
      let dueMs = room.nowMs;
      const end = room.nowMs + 5 * 60_000;
      const delays: number[] = [];
      while (room.nowMs < end) {
        for (; dueMs <= room.nowMs; dueMs += 20 / (1 + ppm / 1e6)) {
          room.pipeline.receive(1, sender.packet(payload), dueMs);
        }
        room.run(20);
        delays.push(statsOf(room).inputs[0]!.delayMs);
      }
      const late = delays.slice(-3000);
      expect(Math.max(...late)).toBeLessThan(120);
      expect(statsOf(room).inputs[0]!.played).toBeGreaterThan(14_800);
    });

    it('a burst of old packets, as after a rebuild, is not played one by one', () => {
      const room = new Room(audio);
      const sender = room.join('A', { hz: 800 });
      const heard = room.listen('all');
      for (let index = 0; index < 100; index++) {
        room.pipeline.receive(1, sender.packet(), room.nowMs - 2000 + index * 20);
      }
      room.run(400);
      expect(heard.tone(800, 200)).toBeGreaterThan(0.05);
      room.run(600);
      expect(statsOf(room).inputs[0]!.delayMs).toBeLessThan(120);
    });

    it('does not throw for noise, wherever it comes', () => {
      const random = seededRandom(7);
      const room = new Room(audio);
      room.join('A', { tells: true });
      room.listen('all');
      for (let index = 0; index < 2000; index++) {
        const noise = Uint8Array.from({ length: Math.floor(random() * 60) }, () => random() * 256);
        if (noise.length > 2) noise.set([0x80 | (random() < 0.3 ? 0x10 : 0), random() < 0.8 ? 111 : redType]);
        room.pipeline.receive(1, noise, room.nowMs);
        if (random() < 0.3) room.run(20);
      }
      expect(statsOf(room).missed).toBe(0);
    });
  });

  describe('time', () => {
    it('makes up for a late call, and lets go what is too late', () => {
      const room = new Room(audio);
      room.join('A');
      const heard = room.listen('all');
      room.run(200);
      room.nowMs += 100;
      room.pipeline.tick(room.nowMs);
      expect(heard.frames).toHaveLength(10 + 6);
      expect(statsOf(room).missed).toBe(0);
      room.nowMs += 1000;
      const next = room.pipeline.tick(room.nowMs);
      expect(heard.frames).toHaveLength(10 + 6 + 1);
      expect(statsOf(room).missed).toBe(49);
      expect(next).toBe(room.nowMs + 20);
      expect(heard.frames.at(-1)!.atMs).toBe(room.nowMs);
    });

    it('plays on after a pause of its thread', () => {
      const room = new Room(audio);
      room.join('A', { hz: 800 });
      const heard = room.listen('all');
      room.run(1000);
      for (const pauseMs of [600, 5000]) {
        const sender = room.senders.get('A')!;
        const waiting = Array.from({ length: pauseMs / 20 }, () => sender.packet());
        for (const packet of waiting) room.pipeline.receive(1, packet, (room.nowMs += 20));
        room.run(300);
        expect(statsOf(room).inputs[0]!.delayMs).toBeLessThan(150);
        room.run(600);
        expect(heard.tone(800)).toBeGreaterThan(0.05);
      }
    });

    it('does not go through the periods of a year that it slept', () => {
      const room = new Room(audio);
      room.join('A');
      const heard = room.listen('all');
      room.run(200);
      room.nowMs += 365 * 24 * 3_600_000;
      room.run(1000);
      expect(heard.frames).toHaveLength(10 + 50);
      expect(heard.tone(440)).toBeGreaterThan(0.05);
    });

    it('tells how old what is heard is, once the sender has reported', () => {
      const room = new Room(audio);
      const sender = room.join('A', { tells: true });
      room.run(2000);
      expect(room.told).toEqual([]);
      // Captured when sent: the report travels as long as the packets do.
      const seconds = Math.floor(room.nowMs / 1000) + 2_208_988_800;
      const report = { ntpHigh: seconds, ntpLow: 0, rtpTimestamp: sender.timestamp, arrivedMs: room.nowMs };
      room.pipeline.report({ line: 1, ...report });
      room.run(2000);
      const [age] = room.told.at(-1)!;
      expect(age?.stream).toBe('A');
      // The delay of the jitter buffer.
      expect(age?.ageMs).toBeGreaterThan(15);
      expect(age?.ageMs).toBeLessThan(90);
      room.senders.clear();
      room.run(2000);
      const { length } = room.told;
      room.run(3000);
      expect(room.told).toHaveLength(length);
    });
  });

  describe('who speaks', () => {
    /** The reports, one word a second of speaking: `a` for A at -30 dB, `A` for A at -24; `~` is hiss, `-` silence. */
    const reports = (
      scene: string,
      set: (room: Room, second: number) => void = () => undefined,
      tells = true,
    ) => {
      const room = new Room(audio);
      for (const owner of ['A', 'B', 'C']) room.join(owner, { level: 0, tells });
      room.configure({ voice: { attention: 0 } });
      room.run(20);
      const told: string[] = [];
      for (const [second, word] of scene.split(' ').entries()) {
        set(room, second);
        for (const [index, owner] of ['A', 'B', 'C'].entries()) {
          const sender = room.senders.get(owner);
          if (sender) sender.level = levelOf(word.charAt(index));
        }
        room.run(1000);
        told.push(room.speakers.splice(0).join('') || '.');
      }
      return told.join(' ');
    };

    it.each([
      [
        'room-model#20 room-model#21 the loudest, and only a change',
        'a-- a-- aB- aB- a-- ---',
        'A . B . A .',
      ],
      ['silence and hiss are nobody', '~~~ ~~~ --- a~~ ~~~', '. . . A .'],
      ['who begins again after silence was told already', 'a-- --- a-- -b- a--', 'A . . B A'],
    ])('%s', (_rule, scene, expected) => {
      expect(reports(scene)).toBe(expected);
      expect(reports(scene, undefined, false)).toBe(expected);
    });

    it('is told again when the attention changes', () => {
      const attend = (room: Room, second: number): void => {
        if (second === 2) room.configure({ voice: { attention: 1 } });
      };
      expect(reports('a-- a-- a-- a--', attend)).toBe('A . A .');
    });

    it('is never who is muted or has left', () => {
      const change = (room: Room, second: number): void => {
        if (second === 1) room.setActive('A', false);
        if (second === 2) room.leave('B');
      };
      expect(reports('Ab- Ab- AB- AB- ABc', change)).toBe('A B . . C');
    });

    it('is told again when it left and came back', () => {
      const comeAndGo = (room: Room, second: number): void => {
        if (second === 1) room.leave('A');
        if (second === 2) room.join('A', { tells: true });
      };
      expect(reports('a-- --- a--', comeAndGo)).toBe('A . A');
    });

    it('is not looked for where it is not wanted', () => {
      expect(reports('A-- A--', (room) => room.configure({ ...room.settings, voice: undefined }))).toBe(
        '. .',
      );
    });
  });
});

function levelOf(letter: string): number {
  if (letter === '-') return 0;
  if (letter === '~') return 0.002;
  return /[A-Z]/.test(letter) ? 0.09 : 0.045;
}

function statsOf(room: Room) {
  const stats = room.pipeline.stats(room.nowMs);
  if (stats.kind !== 'audio') throw new Error('not an audio mixer');
  return stats;
}
