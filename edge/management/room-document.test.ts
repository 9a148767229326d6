import { describe, expect, it } from 'vitest';
import * as v from 'valibot';
import { sourceIdSchema } from '../../schemas/request.ts';
import { roomDocumentSchema } from '../../schemas/room.ts';
import { maskedPassword, newRoomDocument, updatedRoomDocument } from './room-document.ts';

const id = '65f0c0ffee00000000000001';
const create = (options?: unknown) => newRoomDocument(id, { name: 'weekly', options });
const firstView = (view: unknown) => create({ views: [view] }).views[0];
const customArea = (area: unknown) =>
  create({
    views: [{ video: { layout: { templates: { custom: [{ region: [{ id: '1', area }] }] } } } }],
  });
const wholeArea = { left: '0', top: 0, width: '1', height: 1 };
const regions = (count: number) =>
  Array.from({ length: count }, (_, index) => ({ id: String(index), area: wholeArea }));
const templates = (count: number) => Array.from({ length: count }, () => ({ region: regions(1) }));

describe('newRoomDocument', () => {
  it('room-model#1 a room created with only a name has the defaults of the specification', () => {
    const room = newRoomDocument(id, { name: 'weekly' });
    expect(v.safeParse(roomDocumentSchema, room).success).toBe(true);
    const both = { audio: true, video: true };
    const none = { audio: false, video: false };
    expect(room).toMatchObject({
      _id: id,
      name: 'weekly',
      inputLimit: -1,
      participantLimit: -1,
      selectActiveAudio: false,
      enableBandwidthAdaptation: false,
      roles: [
        { role: 'presenter', publish: both, subscribe: both },
        { role: 'viewer', publish: none, subscribe: both },
        {
          role: 'audio_only_presenter',
          publish: { audio: true, video: false },
          subscribe: { audio: true, video: false },
        },
        { role: 'video_only_viewer', publish: none, subscribe: { audio: false, video: true } },
        { role: 'sip', publish: both, subscribe: both },
      ],
      transcoding: {
        audio: true,
        video: {
          format: true,
          parameters: { resolution: true, framerate: true, bitrate: true, keyFrameInterval: true },
        },
      },
      notifying: { participantActivities: true, streamChange: true },
    });
    expect(room.mediaIn.audio).toHaveLength(10);
    expect(room.mediaOut.audio).toHaveLength(10);
    expect(room.mediaIn.video.map(({ codec }) => codec)).toEqual(['h264', 'vp8', 'vp9']);
    expect(room.mediaOut.video.format).toHaveLength(4);
    expect(room.mediaOut.video.parameters.resolution.join(' ')).toBe(
      'x3/4 x2/3 x1/2 x1/3 x1/4 hd1080p hd720p svga vga qvga cif',
    );
    expect(room.views).toEqual([
      {
        label: 'common',
        audio: { format: { codec: 'opus', sampleRate: 48000, channelNum: 2 }, vad: true },
        video: {
          format: { codec: 'vp8' },
          parameters: { resolution: { width: 640, height: 480 }, framerate: 24, keyFrameInterval: 100 },
          maxInput: 16,
          motionFactor: 0.8,
          bgColor: { r: 0, g: 0, b: 0 },
          keepActiveInputPrimary: false,
          layout: { fitPolicy: 'letterbox', templates: { base: 'fluid', custom: [] } },
        },
      },
    ]);
    expect(room).not.toHaveProperty('sip');
  });

  it.each([
    ['maxInput 0', { maxInput: 0 }],
    ['maxInput 257', { maxInput: 257 }],
    ['bgColor r 256', { bgColor: { r: 256 } }],
    ['fitPolicy stretch', { layout: { fitPolicy: 'stretch' } }],
    ['base grid', { layout: { templates: { base: 'grid' } } }],
    ['base void without templates', { layout: { templates: { base: 'void' } } }],
  ])('room-model#2 refuses %s', (_, video) => {
    expect(() => create({ views: [{ video }] })).toThrow(expect.objectContaining({ code: 'bad-request' }));
  });

  it.each([
    ['a frame rate of 0', { parameters: { framerate: 0 } }],
    ['a frame rate no encoder has', { parameters: { framerate: 241 } }],
    ['a bitrate without end', { parameters: { bitrate: 1e300 } }],
    ['a key frame once a day', { parameters: { keyFrameInterval: 86_400 } }],
    ['a picture of no width', { parameters: { resolution: { width: 0, height: 480 } } }],
    ['a picture too wide', { parameters: { resolution: { width: 16_385, height: 480 } } }],
    ['a motion factor without end', { motionFactor: 1e9 }],
    [
      'more regions than a view can have inputs',
      { layout: { templates: { custom: [{ region: regions(257) }] } } },
    ],
    ['more templates than fit', { layout: { templates: { custom: templates(65) } } }],
    [
      'a region with an endless name',
      { layout: { templates: { custom: [{ region: [{ id: 'x'.repeat(129), area: wholeArea }] }] } } },
    ],
  ])('refuses a view with %s', (_, video) => {
    expect(() => create({ views: [{ video }] })).toThrow(expect.objectContaining({ code: 'bad-request' }));
  });

  it('takes as many regions and templates as fit', () => {
    const custom = [{ region: regions(256) }, ...templates(63)];
    expect(create({ views: [{ video: { layout: { templates: { custom } } } }] }).views).toHaveLength(1);
  });

  it.each([
    ['frame rate', { framerate: [0] }],
    ['negative frame rate', { framerate: [-24] }],
    ['key frame interval', { keyFrameInterval: [0] }],
    ['bitrate that is none', { bitrate: ['fast'] }],
    ['bitrate of nothing', { bitrate: ['x0.0'] }],
    ['bitrate with a sign', { bitrate: ['x-1'] }],
    ['resolution of any length', { resolution: ['r'.repeat(33)] }],
    ['list of any length', { framerate: Array.from({ length: 257 }, () => 24) }],
  ])('refuses to offer a %s', (_, parameters) => {
    expect(() => create({ mediaOut: { video: { parameters } } })).toThrow(
      expect.objectContaining({ code: 'bad-request' }),
    );
  });

  it('offers multipliers and kbit/s', () => {
    const bitrate = ['x0.8', 'x1', '500', 300];
    expect(
      create({ mediaOut: { video: { parameters: { bitrate } } } }).mediaOut.video.parameters.bitrate,
    ).toEqual(['x0.8', 'x1', '500', '300']);
  });

  it.each(['', 'x'.repeat(65), 'a b', 'a/b', 'a:b', 'a.b', 'ä', '..'])(
    'refuses the label %j, which no stream id could carry',
    (label) => {
      expect(() => create({ views: [{ label }] })).toThrow(expect.objectContaining({ code: 'bad-request' }));
    },
  );

  it.each(['common', '0', 'Main_view-2', 'x'.repeat(64)])(
    'takes the label %j, and clients and REST can name its stream',
    (label) => {
      const id = `${create({ views: [{ label }] })._id}-${label}`;
      expect(v.is(sourceIdSchema, id)).toBe(true);
      expect(id).toMatch(/^[0-9A-Za-z_-]{1,128}$/);
    },
  );

  it.each([
    ['abc', /left: abc is not a valid fraction string!/],
    ['1', /outside/],
    [-1, /not a valid fraction/],
    ['3/2', /outside/],
  ])('room-model#2 refuses an area with left %j', (left, reason) => {
    expect(() => customArea({ ...wholeArea, left })).toThrow(reason);
  });

  it.each([['0'], [0], ['4/3'], [undefined]])('room-model#2 refuses an area with width %j', (width) => {
    expect(() => customArea({ ...wholeArea, width })).toThrow(
      expect.objectContaining({ code: 'bad-request' }),
    );
  });

  it.each([['0.5'], [0.5], ['1/3'], ['0.(3)']])('room-model#2 accepts an area with left %j', (left) => {
    const view = customArea({ ...wholeArea, left }).views[0];
    expect(view).toMatchObject({
      video: {
        layout: {
          templates: {
            custom: [{ region: [{ shape: 'rectangle', area: { left: String(left), width: '1' } }] }],
          },
        },
      },
    });
  });

  it.each([
    [
      'vp9 where only vp8 goes out',
      {
        mediaOut: { video: { format: [{ codec: 'vp8' }] } },
        views: [{ video: { format: { codec: 'vp9' } } }],
      },
    ],
    ['opus without rate and channels', { views: [{ audio: { format: { codec: 'opus' } } }] }],
    ['h264 without profile', { views: [{ video: { format: { codec: 'h264' } } }] }],
  ])('room-model#3 refuses a view of %s', (_, options) => {
    expect(() => create(options)).toThrow('MediaOut conflicts with View Setting');
  });

  it('room-model#4 drops unknown members of a view', () => {
    expect(create({ views: [{ name: 'x', video: {} }] }).views).toEqual(create().views);
  });

  it('room-model#4 refuses two views of one label', () => {
    expect(() => create({ views: [{ label: 'a' }, { label: 'a' }] })).toThrow(/same label/);
    expect(create({ views: [{ label: 'a' }, { label: 'b' }] }).views).toHaveLength(2);
  });

  it('room-model#5 keeps video false as an audio-only view, whatever video goes out', () => {
    expect(firstView({ video: false })).toMatchObject({ label: 'common', video: false });
    expect(create({ mediaOut: { video: { format: [] } }, views: [{ video: false }] }).views).toHaveLength(1);
  });

  it('rest-api#12 keeps an explicit empty list of views, and defaults a falsy one', () => {
    expect(create({ views: [] }).views).toEqual([]);
    for (const views of [null, false, 0, '']) expect(create({ views }).views).toHaveLength(1);
  });

  it('strips nulls at any depth and converts numbers sent as text', () => {
    const room = create({
      inputLimit: '10',
      participantLimit: null,
      views: [
        null,
        { audio: null, video: { maxInput: '9', parameters: { framerate: ' 15 ', bitrate: null } } },
      ],
    });
    expect(room).toMatchObject({
      inputLimit: 10,
      participantLimit: -1,
      views: [{ video: { maxInput: 9, parameters: { framerate: 15 } } }],
    });
  });

  it('ignores unknown fields and lets the name win over options.name', () => {
    expect(create({ name: 'other', colour: 'red', _id: 'x' })).toEqual(create());
  });

  it.each([
    ['no body', undefined, 'Invalid request body'],
    ['a list', [], 'Invalid request body'],
    ['no name', {}, 'Invalid request body'],
    ['an empty name', { name: '' }, 'Invalid request body'],
    ['a name that is no text', { name: 5 }, 'Invalid request body'],
    ['options that are no object', { name: 'r', options: 'x' }, 'Invalid room option'],
    ['options that are a list', { name: 'r', options: [] }, 'Invalid room option'],
  ])('refuses %s', (_, body, message) => {
    expect(() => newRoomDocument(id, body)).toThrow(message);
  });

  it('refuses nesting that only a mischief-maker sends', () => {
    let nested: unknown = 1;
    for (let i = 0; i < 10_000; i++) nested = [nested];
    expect(() => create({ attributes: nested })).toThrow('Too deeply nested');
  });

  it('tells where the fault is, in bounded length', () => {
    expect(() => create({ mediaIn: { audio: [{ codec: 'x'.repeat(5000) }] } })).toThrow(
      /^mediaIn\.audio\.0\.codec: .{1,300}$/,
    );
  });
});

describe('updatedRoomDocument', () => {
  const sip = { sipServer: 's', username: 'u', password: 'sealed' };

  it('rest-api#14 changes only the fields given', () => {
    const stored = create({ participantLimit: 7 });
    expect(updatedRoomDocument(stored, { inputLimit: 3 })).toEqual({ ...stored, inputLimit: 3 });
  });

  it('replaces a given field as a whole, its absent members falling back to defaults', () => {
    const stored = create({ notifying: { participantActivities: false, streamChange: false } });
    const updated = updatedRoomDocument(stored, { notifying: { streamChange: false } });
    expect(updated.notifying).toEqual({ participantActivities: true, streamChange: false });
  });

  it('checks the views against the formats that result', () => {
    expect(() => updatedRoomDocument(create(), { mediaOut: { video: { format: [] } } })).toThrow(
      'MediaOut conflicts with View Setting',
    );
  });

  it('keeps what null is given for, but removes sip', () => {
    const stored = create({ sip });
    expect(updatedRoomDocument(stored, { views: null, name: null })).toEqual(stored);
    expect(updatedRoomDocument(stored, { sip: null })).toEqual(create());
  });

  it('never changes the id', () => {
    expect(updatedRoomDocument(create(), { _id: 'x', id: 'x' })._id).toBe(id);
  });

  it('keeps the stored SIP password when its mask comes back', () => {
    const masked = { ...sip, username: 'v', password: maskedPassword };
    expect(updatedRoomDocument(create({ sip }), { sip: masked }).sip).toEqual({ ...sip, username: 'v' });
    expect(() => updatedRoomDocument(create(), { sip: masked })).toThrow(/mask/);
  });

  it('leaves a room put back as it was read unchanged', () => {
    const stored = create({ inputLimit: 2, views: [{ label: 'a', video: false }, { label: 'b' }] });
    expect(updatedRoomDocument(stored, { ...stored, id, __v: 3 })).toEqual(stored);
  });
});
