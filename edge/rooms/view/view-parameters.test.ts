// Owns the tests of mixed streams: how they look, what a subscriber may ask of them, and the bitrate it gets.
import { describe, expect, it } from 'vitest';
import type { WantedParameters } from '../../../schemas/request.ts';
import { newRoomDocument } from '../../management/room-document.ts';
import { mixedStreamInfo } from './mixed-stream.ts';
import { chooseMixedAudio, chooseMixedVideo } from './view-parameters.ts';
import type { WantedVideo } from './view-parameters.ts';

const roomId = '65f0c0ffee00000000000001';

function room(view: unknown = {}, options: Readonly<Record<string, unknown>> = {}) {
  const document = newRoomDocument(roomId, { name: 'weekly', options: { ...options, views: [view] } });
  const [setting] = document.views;
  if (setting === undefined) throw new Error('no view');
  return { document, setting };
}

function video(wanted: WantedVideo, { document, setting } = room()) {
  const choice = chooseMixedVideo(document, setting, wanted);
  return choice.ok ? choice.encoding : choice.refusal.message;
}

function kbps(wanted: WantedVideo, given = room()): number {
  const result = video(wanted, given);
  if (typeof result === 'string') throw new Error(result);
  return result.bitrateKbps;
}

const satisfy = 'Target video stream does NOT satisfy:';
const vga = { width: 640, height: 480 };
const qvga = { width: 320, height: 240 };

describe('chooseMixedVideo', () => {
  it.each<[string, WantedParameters, string | undefined]>([
    ['320×240', { resolution: qvga }, undefined],
    ['its own size', { resolution: vga }, undefined],
    ['321×240', { resolution: { width: 321, height: 240 } }, 'Resolution is not acceptable'],
    ['larger than itself', { resolution: { width: 1280, height: 720 } }, 'Resolution is not acceptable'],
    ['x0.8', { bitrate: 'x0.8' }, undefined],
    ['x0.5', { bitrate: 'x0.5' }, 'Bitrate is not acceptable'],
    ['x1.0', { bitrate: 'x1.0' }, undefined],
    ['x1', { bitrate: 'x1' }, undefined],
    ['500 kbit/s', { bitrate: 500 }, 'Bitrate is not acceptable'],
    ['15 frames/s', { framerate: 15 }, undefined],
    ['its own rate', { framerate: 24 }, undefined],
    ['30 frames/s', { framerate: 30 }, 'Framerate is not acceptable'],
    ['a key frame every 2 s', { keyFrameInterval: 2 }, undefined],
    ['a key frame every 3 s', { keyFrameInterval: 3 }, 'KeyFrameInterval is not acceptable'],
  ])('room-model#23 the default view at %s', (_case, parameters, why) => {
    const result = video({ parameters });
    if (why === undefined) expect(result).toMatchObject({ format: { codec: 'vp8' } });
    else expect(result).toBe(satisfy + why);
  });

  it.each([
    [undefined, { codec: 'vp8' }],
    [{ codec: 'vp8' }, { codec: 'vp8' }],
    [{ codec: 'h264' }, { codec: 'h264', profile: 'CB' }],
    [
      { codec: 'h264', profile: 'B' },
      { codec: 'h264', profile: 'CB' },
    ],
    [
      { codec: 'h264', profile: 'H' },
      { codec: 'h264', profile: 'CB' },
    ],
    [{ codec: 'vp9' }, { codec: 'vp9' }],
    [{ codec: 'av1' }, undefined],
  ])('asked for %j it encodes %j', (format, expected) => {
    const result = video({ format });
    if (expected === undefined) expect(result).toBe(`${satisfy}Format is not acceptable`);
    else expect(result).toMatchObject({ format: expected });
  });

  it('keeps to its own when the room does not transcode', () => {
    const parameters = { resolution: false, framerate: false, bitrate: false, keyFrameInterval: false };
    const bound = room({}, { transcoding: { audio: false, video: { format: false, parameters } } });
    expect(video({ format: { codec: 'vp9' } }, bound)).toBe(`${satisfy}Format is not acceptable`);
    expect(video({ parameters: { resolution: qvga } }, bound)).toBe(`${satisfy}Resolution is not acceptable`);
    expect(video({ parameters: { bitrate: 'x0.8' } }, bound)).toBe(`${satisfy}Bitrate is not acceptable`);
    expect(video({ parameters: { resolution: vga, framerate: 24, bitrate: 'x1' } }, bound)).toBeTypeOf(
      'object',
    );
  });

  it('has nothing to see in an audio-only view', () => {
    expect(video({}, room({ video: false }))).toBe(`${satisfy}Requested video stream`);
  });
});

describe('bitrate of a mixed stream', () => {
  const plain = {};
  const bound = { video: { parameters: { bitrate: 1000 } } };
  it.each<[string, unknown, WantedParameters | undefined, number]>([
    ['nothing asked', plain, undefined, 665.6],
    ['nothing asked, view has one', bound, undefined, 1000],
    ['x1, view has one', bound, { bitrate: 'x1' }, 1000],
    ['a multiplier', plain, { bitrate: 'x0.8' }, 665.6 * 0.8],
    ['a multiplier, view has one', bound, { bitrate: 'x0.4' }, 400],
    // d = 320 × 240 × 24 / 30 = 61,440 → 320 kbit/s × 1.2 × 0.8
    ['a size', plain, { resolution: qvga }, 307.2],
    ['a size, view has one', bound, { resolution: qvga }, 307.2],
    ['a size and a multiplier, view has one', bound, { resolution: qvga, bitrate: 'x0.2' }, 61.44],
    // d = 640 × 480 × 15 / 30 = 153,600 → 533.33 kbit/s × 1.2 × 0.8
    ['a rate', plain, { framerate: 15 }, 512],
    ['a rate, view has one', bound, { framerate: 15 }, 512],
    ['a key frame interval, view has one', bound, { keyFrameInterval: 2 }, 1000],
    ['little motion', { video: { motionFactor: 0.5 } }, undefined, 416],
  ])('%s', (_case, view, parameters, expected) => {
    expect(kbps({ parameters }, room(view))).toBeCloseTo(expected, 6);
  });

  it('follows the codec that is asked for', () => {
    expect(kbps({ format: { codec: 'vp9' } })).toBeCloseTo((693 + 1 / 3) * 0.8 * 0.8, 6);
  });

  it('takes a number that the room offers', () => {
    const offering = room({}, { mediaOut: { video: { parameters: { bitrate: ['x0.5', 700] } } } });
    expect(kbps({ parameters: { bitrate: 700 } }, offering)).toBe(700);
    expect(kbps({ parameters: { bitrate: 'x0.5' } }, offering)).toBeCloseTo(665.6 / 2, 6);
  });
});

describe('chooseMixedAudio', () => {
  const opus = { codec: 'opus', sampleRate: 48000, channelNum: 2 };
  it.each([
    [undefined, opus],
    [opus, opus],
    [{ codec: 'pcmu' }, { codec: 'pcmu' }],
    [{ codec: 'opus' }, 'Target audio stream does NOT satisfy:Format is not acceptable'],
  ])('asked for %j', (wanted, expected) => {
    const { document, setting } = room();
    const choice = chooseMixedAudio(document, setting, wanted);
    expect(choice.ok ? choice.format : choice.refusal.message).toEqual(expected);
  });
});

describe('a view in H.265', () => {
  it('can be had in all other formats of the room, though not every engine decodes its own', () => {
    const formats = [{ codec: 'vp8' }, { codec: 'h265' }, { codec: 'av1' }];
    const given = room(
      { video: { format: { codec: 'h265' } } },
      { mediaOut: { video: { format: formats } } },
    );
    for (const format of formats) expect(video({ format }, given)).toMatchObject({ format });
  });
});

describe('mixedStreamInfo', () => {
  const info = (view: unknown) => {
    const { document, setting } = room(view);
    return mixedStreamInfo(roomId, document, setting, { activeInput: 'unknown', layout: [] });
  };

  it('shows the default view with everything the room offers', () => {
    const { media, ...rest } = info({});
    expect(rest).toEqual({
      id: `${roomId}-common`,
      type: 'mixed',
      data: null,
      info: { label: 'common', activeInput: 'unknown', layout: [], origin: { isp: '', region: '' } },
    });
    expect(media.tracks).toMatchObject([
      { type: 'audio', status: 'active', format: { codec: 'opus' } },
      {
        type: 'video',
        status: 'active',
        format: { codec: 'vp8' },
        parameters: { resolution: vga, framerate: 24, keyFrameInterval: 100 },
        optional: { parameters: { framerate: [6, 12, 15], bitrate: ['x0.8', 'x0.6', 'x0.4', 'x0.2'] } },
      },
    ]);
    for (const track of media.tracks) expect(track).not.toHaveProperty('id');
    expect(media.tracks[1]).not.toHaveProperty('parameters.bitrate');
  });

  it('room-model#5 has one audio track and no video track for video: false', () => {
    expect(info({ video: false }).media.tracks.map(({ type }) => type)).toEqual(['audio']);
  });

  it('tells the bitrate of a view that has one', () => {
    const view = { video: { parameters: { bitrate: 900 } } };
    expect(info(view).media.tracks[1]).toHaveProperty('parameters.bitrate', 900);
  });
});
