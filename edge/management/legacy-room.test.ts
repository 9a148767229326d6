import { describe, expect, it } from 'vitest';
import type { RoomDocument } from '../../schemas/room.ts';
import { convertLegacyRoom, isLegacyRoom } from './legacy-room.ts';
import { newRoomDocument } from './room-document.ts';

const id = '0123456789abcdef01234567';

/** The document that a legacy configuration amounts to, through the checks of any new room. */
function converted(legacy: object): RoomDocument {
  const body = convertLegacyRoom({ name: 'old', ...legacy });
  expect(body).toBeDefined();
  return newRoomDocument(id, body);
}

function onlyVideo(document: RoomDocument) {
  const video = document.views[0]?.video;
  if (video === undefined || video === false) throw new Error('the view has no video');
  return video;
}

describe('a legacy room', () => {
  it('room-model#30 has square regions of the decimal’s own fraction, and follows voices when it was coordinated', () => {
    const document = converted({
      mediaMixing: {
        video: {
          avCoordinated: 1,
          layout: {
            base: 'void',
            custom: [{ region: [{ id: 1, left: 0, top: 0.333, relativesize: 0.667 }] }],
          },
        },
      },
    });
    expect(document.views[0]?.audio.vad).toBe(true);
    expect(onlyVideo(document).layout.templates).toEqual({
      base: 'void',
      custom: [
        {
          region: [
            {
              id: '1',
              shape: 'rectangle',
              area: { left: '0', top: '333/1000', width: '667/1000', height: '667/1000' },
            },
          ],
        },
      ],
    });
  });

  it.each([
    ['objects', { numerator: 1, denominator: 3 }],
    ['text', '1/3'],
  ])('of the last of 3.x keeps its regions, their fractions being %s', (_, third) => {
    const area = { left: 0, top: third, width: '1', height: third };
    const custom = [{ region: [{ id: '1', shape: 'rectangle', area }] }];
    const views = { main: { mediaMixing: { video: { layout: { base: 'fluid', custom } } } } };
    expect(onlyVideo(converted({ views })).layout.templates.custom).toEqual([
      {
        region: [
          {
            id: '1',
            shape: 'rectangle',
            area: { left: '0', top: '1/3', width: '1', height: '1/3' },
          },
        ],
      },
    ]);
  });

  it('without any setting becomes a default room with an admin role', () => {
    const document = converted({ mode: 'hybrid' });
    const { roles, ...rest } = newRoomDocument(id, { name: 'old' });
    expect(document).toEqual({
      ...rest,
      roles: [
        ...roles,
        { role: 'admin', publish: { audio: true, video: true }, subscribe: { audio: true, video: true } },
      ],
    });
  });

  it.each(['sipInfo', 'sip'])('keeps its limits and SIP account, called %s', (name) => {
    const sip = { sipServer: 'sip.example', username: 'u', password: 'p' };
    const document = converted({ publishLimit: 3, userLimit: 10, [name]: sip });
    expect(document).toMatchObject({ inputLimit: 3, participantLimit: 10, sip });
  });

  it.each([0, false])('with enableMixing %s has no views', (enableMixing) => {
    expect(converted({ enableMixing, mediaMixing: { video: {} } }).views).toEqual([]);
  });

  it.each([
    ['views by name', { views: { a: { mediaMixing: { video: { maxInput: 4 } } }, b: {} } }],
    ['viewports', { viewports: [{ name: 'a', mediaMixing: { video: { maxInput: 4 } } }, { name: 'b' }] }],
  ])('gets a view for each of its %s', (_, legacy) => {
    const { views } = converted(legacy);
    expect(views.map(({ label }) => label)).toEqual(['a', 'b']);
    expect(views.map(({ video }) => video !== false && video.maxInput)).toEqual([4, 16]);
  });

  it.each([
    ['hd720p', 1280, 720],
    ['sif', 320, 240],
    ['r720x1280', 720, 1280],
    ['r480x360', 480, 360],
    ['enormous', 640, 480],
    ['toString', 640, 480],
  ])('resolution %s is %i×%i', (resolution, width, height) => {
    const document = converted({ mediaMixing: { video: { resolution } } });
    expect(onlyVideo(document).parameters.resolution).toEqual({ width, height });
  });

  it.each([
    ['white', { r: 255, g: 255, b: 255 }],
    ['black', { r: 0, g: 0, b: 0 }],
    ['mauve', { r: 0, g: 0, b: 0 }],
    [
      { r: 1, g: 2, b: 3 },
      { r: 1, g: 2, b: 3 },
    ],
  ])('background %j is %j', (bkColor, expected) => {
    expect(onlyVideo(converted({ mediaMixing: { video: { bkColor } } })).bgColor).toEqual(expected);
  });

  it.each([
    [1, 'crop'],
    [0, 'letterbox'],
  ])('crop %i is %s', (crop, fitPolicy) => {
    expect(onlyVideo(converted({ mediaMixing: { video: { crop } } })).layout.fitPolicy).toBe(fitPolicy);
  });

  it('drops what has no meaning any more', () => {
    const video = { multistreaming: 1, quality_level: 'bestQuality', avCoordinated: 0 };
    const document = converted({ mediaMixing: { video, audio: null } });
    expect(document.views).toMatchObject([{ label: 'common', audio: { vad: false } }]);
  });

  it('is taken as the options of a new room, too', () => {
    const document = newRoomDocument(id, { name: 'old', options: { userLimit: 7, mode: 'hybrid' } });
    expect(document).toEqual(converted({ userLimit: 7 }));
  });

  it('cannot be read without a name', () => {
    expect(convertLegacyRoom({ userLimit: 3 })).toBeUndefined();
    expect(convertLegacyRoom(null)).toBeUndefined();
  });
});

it.each([
  [{ name: 'r', mode: 'hybrid' }, true],
  [{ name: 'r', mediaMixing: {} }, true],
  [{ name: 'r', views: { common: {} } }, true],
  [{ name: 'r', views: [] }, false],
  [{ name: 'r', inputLimit: 3 }, false],
  [null, false],
  ['room', false],
])('tells legacy configurations: %j is %s', (value, expected) => {
  expect(isLegacyRoom(value)).toBe(expected);
});
