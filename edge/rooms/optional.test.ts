// Owns the tests of what a track can be turned into, and of resolution names.
import { describe, expect, it } from 'vitest';
import { audioOptional, videoOptional } from './optional.ts';
import { namedResolution } from './resolutions.ts';
import { ScriptedRoom } from './scripted-room.ts';

const document = ScriptedRoom.document();
const all = { audio: true, video: true };
const vp8 = { codec: 'vp8' } as const;

function sizes(resolution?: { width: number; height: number }): string[] {
  const track = resolution === undefined ? { format: vp8 } : { format: vp8, resolution };
  const { parameters } = videoOptional(document, track, all);
  return parameters.resolution.map(({ width, height }) => `${width}x${height}`);
}

describe('videoOptional', () => {
  const ofVga = ['480x360', '426x320', '320x240', '212x160', '160x120', '352x288'];
  it.each([
    { base: { width: 640, height: 480 }, expected: ofVga },
    { base: undefined, expected: ofVga },
    {
      base: { width: 1280, height: 720 },
      expected: [
        '960x540',
        '852x480',
        '640x360',
        '426x240',
        '320x180',
        '800x600',
        '640x480',
        '320x240',
        '352x288',
      ],
    },
  ])('room-model#11 optional resolutions of base $base', ({ base, expected }) => {
    expect(sizes(base)).toEqual(expected);
  });

  it('leaves out sizes that are smaller on one side only', () => {
    expect(sizes({ width: 640, height: 260 })).not.toContain('352x288');
    expect(sizes({ width: 340, height: 480 })).not.toContain('352x288');
  });

  it('offers other formats, lower frame rates, and the lists of bitrate and key frame interval as they are', () => {
    expect(videoOptional(document, { format: vp8 }, all)).toMatchObject({
      format: [{ codec: 'h264', profile: 'CB' }, { codec: 'h264', profile: 'B' }, { codec: 'vp9' }],
      parameters: {
        framerate: [6, 12, 15, 24],
        bitrate: ['x0.8', 'x0.6', 'x0.4', 'x0.2'],
        keyFrameInterval: [100, 30, 5, 2, 1],
      },
    });
    const slow = videoOptional(document, { format: vp8, framerate: 15 }, all);
    expect(slow.parameters.framerate).toEqual([6, 12]);
  });

  it('obeys each switch of the room', () => {
    const off = (path: string) =>
      ScriptedRoom.document({
        transcoding: {
          audio: path !== 'audio',
          video: {
            format: path !== 'format',
            parameters: {
              resolution: path !== 'resolution',
              framerate: path !== 'framerate',
              bitrate: path !== 'bitrate',
              keyFrameInterval: path !== 'keyFrameInterval',
            },
          },
        },
      });
    for (const path of ['format', 'resolution', 'framerate', 'bitrate', 'keyFrameInterval']) {
      const { format, parameters } = videoOptional(off(path), { format: vp8 }, all);
      const empty = Object.entries({ format, ...parameters }).filter(([, list]) => list.length === 0);
      expect(empty.map(([name]) => name)).toEqual([path]);
    }
    const opus = { codec: 'opus', sampleRate: 48000, channelNum: 2 } as const;
    expect(audioOptional(off('audio'), opus, all).format).toEqual([]);
  });

  it('has four empty lists when no worker transcodes', () => {
    const none = {
      format: [],
      parameters: { resolution: [], framerate: [], bitrate: [], keyFrameInterval: [] },
    };
    expect(videoOptional(document, { format: vp8 })).toEqual(none);
    expect(videoOptional(document, { format: vp8 }, { audio: true, video: false })).toEqual(none);
  });
});

describe('audioOptional', () => {
  it('is mediaOut without the equal format, and empty when no worker transcodes', () => {
    const opus = { codec: 'opus', sampleRate: 48000, channelNum: 2 } as const;
    expect(audioOptional(document, opus, all).format).toEqual(document.mediaOut.audio.slice(1));
    expect(audioOptional(document, { codec: 'pcmu' }, all).format).toHaveLength(9);
    expect(audioOptional(document, opus).format).toEqual([]);
    expect(audioOptional(document, opus, { audio: false, video: true }).format).toEqual([]);
  });
});

describe('of what nothing can be made', () => {
  it('the lists are empty: formats that are not decoded, and simulcast layers', () => {
    expect(audioOptional(document, { codec: 'isac', sampleRate: 16000 }, all).format).toEqual([]);
    const empty = {
      format: [],
      parameters: { resolution: [], framerate: [], bitrate: [], keyFrameInterval: [] },
    };
    expect(videoOptional(document, { format: { codec: 'h265' } }, all)).toEqual(empty);
    expect(videoOptional(document, { format: vp8, rid: 'q' }, all)).toEqual(empty);
  });
});

describe('namedResolution', () => {
  const base = { width: 641, height: 361 };
  it.each([
    ['hd720p', { width: 1280, height: 720 }],
    ['sif', { width: 320, height: 240 }],
    ['uhd_4k', { width: 3840, height: 2160 }],
    ['r640x360', { width: 640, height: 360 }],
    ['x1/2', { width: 320, height: 180 }],
    ['x2/3', { width: 426, height: 240 }],
    ['x1/0', undefined],
    ['huge', undefined],
    ['r640', undefined],
    ['constructor', undefined],
  ])('%s', (name, expected) => {
    expect(namedResolution(name, base)).toEqual(expected);
  });
});
