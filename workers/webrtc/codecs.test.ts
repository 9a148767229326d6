import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Format } from '../../schemas/worker.ts';
import {
  accepts,
  chooseForwarded,
  choosePublished,
  chooseSubscribed,
  formatOf,
  forwardable,
  h264Profile,
  redOf,
  rtxOf,
  type Choice,
} from './codecs.ts';
import { parseSdp } from './sdp-parse.ts';
import type { Payload } from '../routing/payload.ts';

const payload = (type: number, name: string, fmtp = '', clockRate = 90_000): Payload => ({
  type,
  name,
  clockRate,
  channels: name === 'opus' ? 2 : undefined,
  map: `${name}/${String(clockRate)}`,
  fmtp,
  parameters: new Map(
    fmtp.split(';').flatMap((part): [string, string][] => {
      const [key = '', value] = part.split('=');
      return value === undefined ? [] : [[key, value]];
    }),
  ),
  feedback: [],
});
const h264 = (type: number, level: string, mode = '1'): Payload =>
  payload(type, 'h264', `packetization-mode=${mode};profile-level-id=${level}`);

const video = (name: string): readonly Payload[] =>
  parseSdp(readFileSync(new URL(`offers/${name}.sdp`, import.meta.url), 'utf8')).media.find(
    ({ kind }) => kind === 'video',
  )?.payloads ?? [];

describe('h264Profile', () => {
  it.each([
    ['42e01f', 'CB'],
    ['42c00d', 'CB'],
    ['42001f', 'B'],
    ['4d001f', 'M'],
    ['4d801f', 'CB'],
    ['64001f', 'H'],
    ['640c1f', 'H'],
    ['58a01f', 'B'],
    ['58c01f', 'CB'],
    ['58001f', 'E'],
    ['nonsense', 'CB'],
  ])('%s is %s', (level, profile) => {
    expect(h264Profile(h264(100, level))).toBe(profile);
  });
});

describe('accepts', () => {
  const table: [Format, Format, boolean][] = [
    [{ codec: 'h264' }, { codec: 'h264', profile: 'H' }, true],
    [{ codec: 'h264', profile: 'B' }, { codec: 'h264', profile: 'CB' }, true],
    [{ codec: 'h264', profile: 'CB' }, { codec: 'h264', profile: 'B' }, false],
    [{ codec: 'h264', profile: 'CB' }, { codec: 'h264', profile: 'E' }, true],
    [{ codec: 'vp8' }, { codec: 'vp9' }, false],
    [
      { codec: 'opus', sampleRate: 48_000, channelNum: 2 },
      { codec: 'opus', sampleRate: 48_000, channelNum: 2 },
      true,
    ],
    [{ codec: 'opus' }, { codec: 'opus', sampleRate: 48_000, channelNum: 2 }, false],
    [{ codec: 'pcmu' }, { codec: 'pcmu' }, true],
  ];
  it.each(table)('%j accepts %j: %s (room-model 2.2)', (wanted, format, expected) => {
    expect(accepts(wanted, format)).toBe(expected);
  });
});

describe('choosePublished', () => {
  it("takes the first payload in the offer's order, not in the room's", () => {
    const payloads = [payload(98, 'vp9'), payload(96, 'vp8')];
    expect(choosePublished(payloads, [{ codec: 'vp8' }, { codec: 'vp9' }])?.type).toBe(98);
  });

  it('prefers constrained baseline with packetization mode 1 within the family', () => {
    const payloads = [h264(104, '42001f', '0'), h264(102, '42001f'), h264(108, '42e01f'), payload(96, 'vp8')];
    expect(choosePublished(payloads, [{ codec: 'h264' }])?.type).toBe(108);
  });

  it('keeps a higher profile that is offered first', () => {
    const payloads = [h264(120, '64001f', '0'), h264(121, '64001f'), h264(108, '42e01f')];
    expect(choosePublished(payloads, [{ codec: 'h264' }])?.type).toBe(121);
    expect(choosePublished(payloads, [{ codec: 'h264', profile: 'M' }])?.type).toBe(108);
  });

  it('gives nothing when nothing is acceptable', () => {
    expect(choosePublished([payload(97, 'rtx', 'apt=96')], [{ codec: 'vp8' }])).toBeUndefined();
  });
});

describe('chooseForwarded', () => {
  const targets = video('subscribe-audio-video');
  it.each([
    ['42e01f', '1', 'CB', '1'],
    ['42001f', '1', 'B', '1'],
    ['42e01f', '0', 'CB', '0'],
    ['4d001f', '1', 'M', '1'],
  ])('sends H.264 %s mode %s under the same profile and mode', (level, mode, profile, targetMode) => {
    const chosen = chooseForwarded(h264(1, level, mode), targets);
    expect(chosen && h264Profile(chosen)).toBe(profile);
    expect(chosen?.parameters.get('packetization-mode')).toBe(targetMode);
  });

  it('never sends fragmented H.264 to a decoder of single NAL units', () => {
    expect(chooseForwarded(h264(1, '42e01f', '1'), [h264(2, '42e01f', '0')])).toBeUndefined();
  });

  it('never sends a higher profile than the decoder takes', () => {
    expect(chooseForwarded(h264(1, '64001f'), [h264(2, '42e01f')])).toBeUndefined();
  });

  it('matches the VP9 profile, absent meaning 0', () => {
    expect(chooseForwarded(payload(1, 'vp9'), targets)?.parameters.get('profile-id')).toBe('0');
    expect(chooseForwarded(payload(1, 'vp9', 'profile-id=2'), targets)?.parameters.get('profile-id')).toBe(
      '2',
    );
  });
});

describe('forwardable', () => {
  it.each([
    ['h265', 'profile-id=1;tier-flag=0', 'profile-id=1;tier-flag=1;level-id=180', true],
    ['h265', '', 'profile-id=1', true],
    ['h265', 'tier-flag=1', '', false],
    ['h265', 'profile-id=1', 'profile-id=2', false],
    ['av1', 'profile=0;tier=0', 'level-idx=5', true],
    ['av1', 'tier=1', 'tier=1', true],
    ['av1', 'tier=1', 'tier=0', false],
    ['av1', '', 'profile=1', false],
  ])('%s of %j under %j: %s', (name, source, target, expected) => {
    expect(forwardable(payload(1, name, source), payload(2, name, target))).toBe(expected);
  });
});

describe('chooseSubscribed', () => {
  const types = (targets: Payload[], choice: Choice): number[] =>
    chooseSubscribed(targets, choice).map(({ type }) => type);
  const vp8: Format = { codec: 'vp8' };
  const vp9: Format = { codec: 'vp9' };
  const CB: Format = { codec: 'h264', profile: 'CB' };
  const B: Format = { codec: 'h264', profile: 'B' };

  it("puts the source's codec first and other acceptable ones behind it", () => {
    const targets = [payload(96, 'vp8'), payload(98, 'vp9', 'profile-id=0'), payload(45, 'av1')];
    const source = payload(98, 'vp9');
    expect(types(targets, { formats: [vp9, vp8], preference: 'formats', source })).toEqual([98, 96]);
  });

  it('goes by the formats while the source is not here', () => {
    const targets = [payload(96, 'vp8'), payload(98, 'vp9')];
    const choice = { preference: 'formats', source: undefined } as const;
    expect(types(targets, { ...choice, formats: [vp9] })).toEqual([98]);
    expect(types(targets, { ...choice, formats: [vp9, vp8] })).toEqual([98, 96]);
  });

  it('goes by the offer where that decides, whatever is in the list first', () => {
    const targets = [payload(98, 'vp9'), payload(96, 'vp8'), payload(45, 'av1')];
    const choice = { formats: [vp8, vp9], preference: 'offer' } as const;
    expect(types(targets, { ...choice, source: undefined })).toEqual([98, 96]);
    expect(types(targets, { ...choice, source: payload(96, 'vp8') })).toEqual([98, 96]);
  });

  it('takes the H.264 that everybody decodes when H.264 is first in the offer, and only as we packetize it', () => {
    const targets = [h264(1, '42001f'), h264(2, '42001f', '0'), h264(3, '42e01f'), payload(96, 'vp8')];
    const choice = { formats: [vp8, CB, B], preference: 'offer', source: undefined } as const;
    expect(types(targets, choice)).toEqual([3, 1, 96]);
    expect(types([h264(2, '42e01f', '0')], choice)).toEqual([]);
  });

  it('takes of each codec only the profile that is made', () => {
    const targets = [
      payload(1, 'av1', 'profile=1'),
      payload(2, 'h265', 'profile-id=2'),
      payload(3, 'vp9', 'profile-id=2'),
      payload(4, 'h265', 'profile-id=1;tier-flag=0;level-id=93'),
      payload(5, 'av1', 'profile=0'),
      payload(6, 'vp9'),
    ];
    const formats: Format[] = [{ codec: 'av1' }, { codec: 'h265' }, vp9];
    expect(types(targets, { formats, preference: 'offer', source: undefined })).toEqual([4, 5, 6]);
  });

  it("falls back to another format when the source's cannot be forwarded", () => {
    const targets = [payload(96, 'vp8'), h264(3, '42e01f')];
    const choice = { preference: 'formats', source: payload(98, 'vp9') } as const;
    expect(types(targets, { ...choice, formats: [vp9, CB, vp8] })).toEqual([3, 96]);
    expect(types(targets, { ...choice, formats: [vp9] })).toEqual([]);
    expect(types([h264(2, '42e01f', '0')], { ...choice, formats: [vp9, CB] })).toEqual([]);
  });

  it('has H.264 of a lower profile made, but not the same in other packets', () => {
    const choice = { formats: [B, CB], preference: 'formats' } as const;
    expect(types([h264(3, '42e01f')], { ...choice, source: h264(1, '42001f') })).toEqual([3]);
    expect(types([h264(3, '42e01f', '0')], { ...choice, source: h264(1, '42e01f') })).toEqual([]);
  });
});

describe('companions of a payload', () => {
  it('finds retransmission by apt and redundancy by its blocks', () => {
    const payloads = [
      payload(97, 'rtx', 'apt=96'),
      payload(99, 'rtx', 'apt=98'),
      payload(63, 'red', '111/111', 48_000),
      payload(64, 'red', '112/112', 48_000),
    ];
    expect(rtxOf(payloads, payload(98, 'vp9'))?.type).toBe(99);
    expect(redOf(payloads, payload(111, 'opus', '', 48_000))?.type).toBe(63);
    expect(redOf(payloads, payload(9, 'opus', '', 48_000))).toBeUndefined();
  });

  it('calls G.722 by its true sample rate', () => {
    expect(formatOf(payload(9, 'g722', '', 8000))).toEqual({
      codec: 'g722',
      sampleRate: 16_000,
      channelNum: 1,
    });
  });
});
