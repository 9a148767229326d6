import { describe, expect, it } from 'vitest';
import { exportedId, movedRoom } from './exported-room.ts';
import { newRoomDocument } from './room-document.ts';

const id = '65f0c0ffee00000000000001';

/** A room as an OWT 5 server has it in its database, `$oid` and the like resolved; `change` is laid over it. */
function exported(change: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  const { _id, ...room } = newRoomDocument(id, { name: 'weekly' });
  return { _id, ...structuredClone(room), __v: 0, ...change };
}

describe('an exported room', () => {
  it('becomes the same room, under its own id', () => {
    expect(movedRoom(exported())).toEqual({
      document: newRoomDocument(id, { name: 'weekly' }),
      changes: [],
    });
  });

  it('as REST lists it has its id twice, and either way may be written in capitals', () => {
    const { _id, ...listed } = exported();
    expect(movedRoom({ ...listed, id: String(_id).toUpperCase() }).document._id).toBe(id);
    expect(movedRoom({ ...listed, _id, id: _id })).toMatchObject({ document: { _id: id }, changes: [] });
  });

  it.each([undefined, null, '', 'sampleRoom', 7, { $oid: id }, `${id}0`])(
    'with the id %j is refused',
    (_id) => {
      expect(exportedId({ _id })).toBeUndefined();
      expect(() => movedRoom(exported({ _id }))).toThrow('No _id of 24 hex digits');
    },
  );

  it.each([null, 'room', 5, []])('that is %j is refused', (value) => {
    expect(() => movedRoom(value)).toThrow('No _id of 24 hex digits');
  });

  it('keeps everything its operator has set', () => {
    const set = {
      inputLimit: 3,
      participantLimit: 20,
      selectActiveAudio: true,
      roles: [
        { role: 'guest', publish: { audio: true, video: false }, subscribe: { audio: true, video: true } },
      ],
      notifying: { participantActivities: false, streamChange: true },
      transcoding: {
        audio: false,
        video: {
          format: true,
          parameters: { resolution: false, framerate: true, bitrate: true, keyFrameInterval: true },
        },
      },
      sip: { sipServer: 'sip.example', username: 'u', password: 'secret' },
    };
    const { document, changes } = movedRoom(exported(set));
    expect(document).toMatchObject(set);
    expect(changes).toEqual([]);
  });

  it('keeps views without video, and regions however their fractions are written', () => {
    const area = { left: '0', top: '0.5', width: '1/3', height: 1 };
    const custom = [{ region: [{ id: '1', shape: 'rectangle', area }] }];
    const views = [
      { label: 'sound', video: false },
      { label: 'main', video: { layout: { templates: { base: 'void', custom } } } },
    ];
    const { document, changes } = movedRoom(exported({ views }));
    expect(document.views[0]).toMatchObject({ label: 'sound', video: false });
    expect(document.views[1]).toMatchObject({
      video: {
        layout: {
          templates: { custom: [{ region: [{ area: { top: '0.5', width: '1/3', height: '1' } }] }] },
        },
      },
    });
    expect(changes).toEqual([]);
  });

  it('tells each field that did not come along', () => {
    const roles = [{ role: 'presenter', publish: { audio: true, video: true, data: true }, subscribe: {} }];
    const views = [{ label: 'common', name: 'main', video: { quality: 'best' } }];
    expect(movedRoom(exported({ roles, views, p2pRoom: true })).changes).toEqual([
      { field: 'roles[0].publish.data', was: 'true' },
      { field: 'views[0].name', was: '"main"' },
      { field: 'views[0].video.quality', was: '"best"' },
      { field: 'p2pRoom', was: 'true' },
    ]);
  });

  it('says nothing of numbers written as text, nulls and empty SIP accounts', () => {
    const { document, changes } = movedRoom(
      exported({ inputLimit: '5', sip: {}, transcoding: null, gone: null }),
    );
    expect(document).toMatchObject({ inputLimit: 5, transcoding: { audio: true } });
    expect(document.sip).toBeUndefined();
    expect(changes).toEqual([]);
  });

  it('loses formats that nobody has, not its life', () => {
    const opus = { codec: 'opus', sampleRate: 48000, channelNum: 2 };
    const mediaIn = { audio: [null, opus, 'libc', { codec: 'amr' }], video: [{ codec: 'vp8' }] };
    const { document, changes } = movedRoom(exported({ mediaIn }));
    expect(document.mediaIn).toEqual({ audio: [opus], video: [{ codec: 'vp8' }] });
    expect(changes).toMatchObject([
      { field: 'mediaIn.audio[1]', was: '"libc"' },
      { field: 'mediaIn.audio[2]', was: '{"codec":"amr"}' },
    ]);
    for (const change of changes) expect(change).toHaveProperty('reason');
    const parameters = { resolution: ['vga'], framerate: [30, 'fast'], bitrate: ['x0.8', 'cheap'] };
    const mediaOut = { audio: [opus], video: { format: [{ codec: 'vp8' }], parameters } };
    const after = movedRoom(exported({ mediaOut }));
    expect(after.document.mediaOut.video.parameters).toMatchObject({ framerate: [30], bitrate: ['x0.8'] });
    expect(after.changes.map(({ field }) => field)).toEqual([
      'mediaOut.video.parameters.framerate[1]',
      'mediaOut.video.parameters.bitrate[1]',
    ]);
  });

  it.each([
    ['an incomplete', { sipServer: 'sip.example', password: 'secret' }],
    ['a masked', { sipServer: 'sip.example', username: 'u', password: '********' }],
  ])('loses %s SIP account, and its password is not told', (_, sip) => {
    const { document, changes } = movedRoom(exported({ sip }));
    expect(document.sip).toBeUndefined();
    expect(changes).toMatchObject([{ field: 'sip', was: '…' }]);
    expect(JSON.stringify(changes)).not.toContain('secret');
  });

  it.each([
    [{ name: '' }, 'Invalid request body'],
    [{ name: undefined }, 'Invalid request body'],
    [{ views: [{ label: 'a' }, { label: 'a' }] }, 'Two views have the same label'],
    [{ views: [{ label: 'Main hall' }] }, 'views.0.label'],
    [{ views: [{ video: { maxInput: 0 } }] }, 'views.0.video.maxInput'],
    [{ views: [{ video: { format: { codec: 'h265' } } }] }, 'MediaOut conflicts with View Setting'],
    [{ views: [{ video: { layout: { templates: { base: 'void' } } } }] }, 'Layout base void'],
    [{ inputLimit: 'many' }, 'inputLimit'],
    [{ roles: [{ role: '' }] }, 'roles.0.role'],
    [{ padding: 'x'.repeat(300_000) }, 'Larger than a room may be'],
  ])('with %j is refused as a new room would be', (change, reason) => {
    expect(() => movedRoom(exported(change))).toThrow(reason);
  });

  it('nested without end is refused', () => {
    let deep: unknown = 1;
    for (let i = 0; i < 20_000; i++) deep = [deep];
    expect(() => movedRoom(exported({ deep }))).toThrow('Too deeply nested');
    expect(() => movedRoom(exported({ mode: 'hybrid', deep }))).toThrow('Too deeply nested');
  });

  it('shows long values cut short and many changes in part', () => {
    const many = Object.fromEntries(
      Array.from({ length: 200 }, (_, index) => [`f${index}`, 'x'.repeat(500)]),
    );
    const { changes } = movedRoom(exported(many));
    expect(changes).toHaveLength(50);
    for (const { was } of changes) expect(was.length).toBeLessThan(110);
  });
});

describe('a room exported from 3.x', () => {
  const video = {
    resolution: 'hd720p',
    bkColor: 'white',
    maxInput: 9,
    avCoordinated: true,
    multistreaming: true,
    crop: false,
    layout: { base: 'lecture', custom: [] },
  };
  const old = (change: Readonly<Record<string, unknown>> = {}) => ({
    _id: id,
    name: 'old',
    mode: 'hybrid',
    publishLimit: 4,
    userLimit: -1,
    enableMixing: true,
    views: { common: { mediaMixing: { audio: null, video } } },
    sip: { sipServer: 'sip.example', username: 'u', password: 'p' },
    ...change,
  });

  it('becomes today’s room with nothing lost', () => {
    const { document, changes } = movedRoom(old());
    expect(document).toMatchObject({
      _id: id,
      inputLimit: 4,
      sip: { password: 'p' },
      views: [
        {
          label: 'common',
          audio: { vad: true },
          video: {
            maxInput: 9,
            parameters: { resolution: { width: 1280, height: 720 } },
            layout: { templates: { base: 'lecture' } },
          },
        },
      ],
    });
    expect(changes).toEqual([]);
  });

  it('tells what has no successor and what could not be read', () => {
    const custom = [{ region: [{ id: '1', left: 0, top: 0, size: 1 }] }];
    const mediaMixing = {
      video: {
        ...video,
        resolution: 'huge',
        bkColor: 'mauve',
        quality_level: 'bestQuality',
        layout: { custom },
      },
    };
    const given = old({ publishLimit: 'four', mediaSetting: { x: 1 }, views: undefined, mediaMixing });
    expect(movedRoom(given).changes).toEqual([
      { field: 'publishLimit', was: '"four"', now: '-1' },
      { field: 'mediaSetting.x', was: '1' },
      { field: 'mediaMixing.video.resolution', was: '"huge"', now: '640x480' },
      { field: 'mediaMixing.video.bkColor', was: '"mauve"', now: 'black' },
      { field: 'mediaMixing.video.quality_level', was: '"bestQuality"' },
      { field: 'layout.custom', was: '1 regions', now: '0 regions' },
    ]);
  });
});
